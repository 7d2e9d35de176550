# Everything goes through .venv; nothing needs to be there but Python 3.11 and make.
PYTHON ?= python3.11
UV := uv==0.13.9
BIN := .venv/bin
STAMP := .venv/.installed
DBT_ENV := DBT_TARGET_PATH=$(CURDIR)/var/work/dbt/parsed DBT_LOG_PATH=$(CURDIR)/var/work/dbt/logs DO_NOT_TRACK=1
PYTEST := $(BIN)/python -m pytest --dist loadgroup --no-loadscope-reorder
# Two jobs at a time, the output of each in one piece.
TWO_JOBS := +$(MAKE) --no-print-directory --jobs 2 --output-sync=target

# Without byte code every process compiles its libraries anew: seconds for each.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo chromium check test postgres faults bench format up down lock generate clean \
	lint lint-quick lint-sql python-style python-types layers generated dbt-parse compose-file

help: ## show this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(STAMP): requirements-dev.lock requirements-uv.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --no-deps -r requirements-dev.lock
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

check: $(STAMP) ## the loop while you work, two minutes: lint of what changed, unit tests, one month loaded
	@$(TWO_JOBS) lint-quick
	@$(MAKE) --no-print-directory lint-sql
	$(PYTEST) --numprocesses 2 tests/unit tests/integration/test_one_month.py

test: $(STAMP) chromium lint ## everything: lint, all tests, in a browser and through Airflow too
	$(PYTEST) --numprocesses 3 --durations=20

# With what a server installs, and Debian's server (apt-get install postgresql).
postgres: $(STAMP) ## feeds that end at the same moment, with Airflow on a PostgreSQL of its own
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements-server.lock
	$(BIN)/python -m pytest -m postgres tests/end_to_end/test_airflow_on_postgres.py

bench: $(STAMP) ## time loads: a month, twelve months, many authorities; half an hour
	$(BIN)/python benchmarks/sets.py

faults: $(STAMP) ## spoil a month in every way known, and show which rule catches it; ONLY="part of a name"
	@PYTHONPATH=tests $(BIN)/python -m support.fault_matrix $(if $(ONLY),"$(ONLY)")

lint: $(STAMP) ## ruff, mypy, layers, generated files, dbt parse, compose file, sqlfluff
	@$(TWO_JOBS) lint-quick
	@$(MAKE) --no-print-directory lint-sql

lint-quick: python-style python-types layers generated dbt-parse compose-file

python-style: $(STAMP)
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .

python-types: $(STAMP)
	$(BIN)/mypy --no-error-summary

layers: $(STAMP)
	@told=$$($(BIN)/lint-imports --no-cache) || { echo "$$told"; exit 1; }

generated: $(STAMP)
	$(BIN)/python -m cpw.docgen.generate --check

dbt-parse: $(STAMP)
	$(DBT_ENV) $(BIN)/dbt --quiet parse --project-dir $(CURDIR)/dbt_project --profiles-dir $(CURDIR)/dbt_project

compose-file: $(STAMP)
	$(BIN)/python -c "import yaml; yaml.safe_load(open('docker-compose.yml'))['services']"

# Lints the SQL that changed since it was last found good, or all of it if the linter's files did.
# $(1): the folder to start from; $(2): where its SQL is; $(3): the linter's files; $(4): options.
LINTED := $(CURDIR)/var/work/lint
lint_sql = cd $(1) && mkdir -p $(LINTED)/$(1) && last=$(LINTED)/$(1)/found_good && touch $$last.new \
	&& if [ -z "$$(find $(3) $(CURDIR)/requirements-dev.lock -newer $$last -print -quit 2>&1)" ]; \
	then changed="-newer $$last"; fi \
	&& find $(2) -name '*.sql' -not -path 'tests/generic/*' $$changed -print0 | xargs --null --no-run-if-empty \
	$(CURDIR)/$(BIN)/sqlfluff lint --disable-progress-bar --processes 2 -q $(4) && mv $$last.new $$last

# The SQL of the models, of the package, of the rules and the topic pages (written out of their YAML).
lint-sql: $(STAMP)
	@$(call lint_sql,dbt_project,models tests,.sqlfluff .sqlfluffignore sqlfluff_dbt macros)
	@$(call lint_sql,include/cpw,.,.sqlfluff)
	@$(BIN)/python -m cpw.docgen.rule_sql $(LINTED)/rules
	@$(call lint_sql,expectations,$(LINTED)/rules,.sqlfluff,--config .sqlfluff)

format: $(STAMP) ## format Python and SQL
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && cd dbt_project && ../$(BIN)/sqlfluff fix models tests

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
