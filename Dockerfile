# The image of every Airflow service of the server installation.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    AIRFLOW_HOME=/warehouse/airflow \
    WAREHOUSE_HOME=/warehouse \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/cpw/dags

RUN useradd --create-home --uid 50000 warehouse \
    && install --directory --owner=warehouse --group=warehouse --mode=0750 /warehouse

WORKDIR /opt/cpw
COPY requirements-server.lock ./
RUN pip install --require-hashes --requirement requirements-server.lock

COPY pyproject.toml README.md ./
# The product alone: a server generates no synthetic children.
COPY include/cpw include/cpw
COPY dags dags
COPY dbt_project dbt_project
COPY expectations expectations
COPY seeds seeds
# Editable, so that the project's files are found where they are.
RUN pip install --no-deps --editable .

USER warehouse
VOLUME /warehouse
ENTRYPOINT ["airflow"]
