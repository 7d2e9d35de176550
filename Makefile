# Everything goes through .venv; nothing needs to be there but Python 3.11 and make.
PYTHON ?= python3.11
UV := uv==0.13.9
BIN := .venv/bin
STAMP := .venv/.installed
DBT_ENV := DBT_TARGET_PATH=$(CURDIR)/var/work/dbt/lint DBT_LOG_PATH=$(CURDIR)/var/work/dbt/logs DO_NOT_TRACK=1

.DEFAULT_GOAL := help
.PHONY: help install demo chromium test faults lint format up down lock generate clean

help: ## show this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(STAMP): requirements-dev.lock requirements-uv.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(STAMP)

install: $(STAMP) ## set everything up in .venv, and run nothing

demo: $(STAMP) ## load three months of synthetic children through Airflow and publish them
	@$(BIN)/python -m cpw.cli.demo

# The site is tested in Chromium; Debian's package is installed where it is missing.
chromium:
	@command -v chromium >/dev/null \
		|| { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } \
		|| { echo "Install Chromium: the tests of the site run in it"; exit 1; }

test: $(STAMP) chromium lint ## lint, unit, data and Python tests, and an end-to-end run through Airflow
	$(BIN)/python -m pytest -m "not airflow" --numprocesses 2 --dist loadfile
	$(BIN)/python -m pytest -m airflow

faults: $(STAMP) ## spoil a month in every way known, and show which rule catches it; ONLY="part of a name"
	@PYTHONPATH=tests $(BIN)/python -m support.fault_matrix $(if $(ONLY),"$(ONLY)")

lint: $(STAMP) ## ruff, mypy, generated files, dbt parse, sqlfluff, compose file
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy --no-error-summary
	@told=$$($(BIN)/lint-imports --no-cache) || { echo "$$told"; exit 1; }
	$(BIN)/python -m cpw.docgen.generate --check
	$(DBT_ENV) $(BIN)/dbt --quiet parse --project-dir dbt_project --profiles-dir dbt_project
	cd dbt_project && $(DBT_ENV) ../$(BIN)/sqlfluff lint --disable-progress-bar -q models macros tests
	$(BIN)/python -c "import yaml; yaml.safe_load(open('docker-compose.yml'))['services']"

format: $(STAMP) ## format Python and SQL
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && cd dbt_project && ../$(BIN)/sqlfluff fix models macros tests

up: $(STAMP) ## start Airflow with its UI; prints address and login
	@$(BIN)/python -m cpw.orchestration.local up

down: $(STAMP) ## stop it
	@$(BIN)/python -m cpw.orchestration.local down

generate: $(STAMP) ## write staging models and docs anew from the contract
	@$(BIN)/python -m cpw.docgen.generate

COMPILE := $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
LOCKS := requirements-dev.lock requirements.lock requirements-server.lock requirements-uv.lock
LOCK_HEAD := \# Resolved by 'make lock'; edit pyproject.toml, not this file.
lock: $(STAMP) ## resolve the dependencies anew
	@$(COMPILE) pyproject.toml --extra dev -o requirements-dev.lock
	@$(COMPILE) pyproject.toml -c requirements-dev.lock -o requirements.lock
	@$(COMPILE) pyproject.toml -c requirements-dev.lock --extra server -o requirements-server.lock
	@echo "$(UV)" | $(COMPILE) - -o requirements-uv.lock
	@for lock in $(LOCKS); do printf '%s\n' "$(LOCK_HEAD)" | cat - $$lock > $$lock.new && mv $$lock.new $$lock; done

clean: ## remove the environment and the data home
	rm -rf .venv var
