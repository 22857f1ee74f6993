# Everything a person types in this checkout; `make` alone lists it. The environment lives in .venv.
PYTHON ?= python3
BIN := .venv/bin
NUAN := $(BIN)/nuan
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format up down docs bench lock clean

help: ## list these targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo '  ARGS="…" is passed on, as in: make demo ARGS=--exit   make test ARGS="-k late_fee"'

setup: .venv/.dev ## make the environment with everything for development

demo: .venv/.runtime ## watch a heating season happen; the services stay up afterwards
	@$(NUAN) demo $(ARGS)

test: .venv/.dev ## run all tests
	@$(BIN)/pytest -n $(JOBS) --dist worksteal $(ARGS)

check: .venv/.dev ## style, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .venv/.dev ## put every file into the one format
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

up: .venv/.runtime ## start the services on the embedded default
	@$(NUAN) up $(ARGS)

down: .venv/.runtime ## stop them
	@$(NUAN) down $(ARGS)

docs: .venv/.dev ## write the generated pages of docs/ again
	@$(BIN)/python -m deploy.docs $(ARGS)

bench: .venv/.runtime ## measure: make bench ARGS=billing (or pay, bank-return)
	@$(NUAN) bench $(ARGS)

lock: .venv/.dev ## resolve requirements.lock and requirements-dev.lock anew
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet $(COMPILE) pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet $(COMPILE) --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

COMPILE := --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11

clean: ## remove the environment and what tools left; data in .nuan stays
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Nuan needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	@echo "Making the environment in .venv …"
	@$(PYTHON) -m venv .venv

INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r
ITSELF = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .

.venv/.runtime: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what Nuan needs (once) …"
	@$(INSTALL) requirements.lock
	@$(ITSELF)
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	@echo "Installing what its tests need (once) …"
	@$(INSTALL) requirements-dev.lock
	@touch $@
