# Everything the house can do with itself. `make` alone prints this list; each target brings what it needs.
SHELL := /bin/sh
.DEFAULT_GOAL := help
# The first Python that is new enough; name another with `make PYTHON=...`.
PYTHON ?= $(or $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done),python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq --no-input
TESTS ?= tests
# Most tests wait for processes and terminals: three at a time use half of two processors, four nearly all.
WORKERS ?= 4

.PHONY: help install demo test check screenshots bench lock clean

help: ## print this list
	@echo 'The cockpit. Needs Python 3.11 or newer, make, and nothing else.'
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/ready ## the cockpit and the simulated account in .venv/, so that .venv/bin/cockpit works
	@echo 'Installed: .venv/bin/cockpit'

demo: .venv/ready ## open the cockpit on a simulated account: calm, a bad deploy, R, recovered
	@$(BIN)/cockpit demo

test: .venv/ready-dev ## run every test
	@echo 'Running the tests ($(WORKERS) at a time) ...'
	@$(BIN)/python -m tests.running -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

check: .venv/ready-dev ## ruff, mypy --strict, import contracts, generated pages up to date
	@echo 'ruff ...' && $(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .
	@echo 'mypy --strict ...' && $(BIN)/mypy --no-error-summary
	@echo 'import contracts ...' && $(BIN)/lint-imports --no-logo > .venv/lint-imports.txt 2>&1 || { cat .venv/lint-imports.txt; exit 1; }
	@echo 'generated pages ...' && $(BIN)/python -m tests.pages --check
	@echo 'lock files ...' && $(BIN)/python -m tests.locks

screenshots: .venv/ready-dev ## draw screenshots/*.svg from the running product
	@$(BIN)/python -m screenshots.draw

bench: .venv/ready-dev ## measure speed and size, as ratios within one run
	@$(BIN)/python -m tests.bench

lock: ## resolve the dependencies anew into requirements*.lock, with hashes
	@$(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet uv
	@.venv-lock/bin/uv pip compile pyproject.toml --extra simulated --group build --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --quiet --upgrade --custom-compile-command 'make lock' -o requirements.lock
	@.venv-lock/bin/uv pip compile pyproject.toml --extra simulated --group build --group test --group check --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --quiet --upgrade --custom-compile-command 'make lock' \
		-c requirements.lock -o requirements-dev.lock
	@rm -rf .venv-lock

clean: ## remove .venv/ and every cache
	@rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The environment. A stamp is written last, so that an interrupted install is done again.
.venv/bin/python:
	@command -v '$(PYTHON)' >/dev/null || \
		{ echo "There is no '$(PYTHON)' here. The cockpit needs Python 3.11 or newer: make PYTHON=/path/to/python3"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "The cockpit needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "This Python has no venv module. On Debian and Ubuntu: apt install python3-venv"; exit 2; }
	@echo 'Making an environment in .venv/ ...'
	@$(PYTHON) -m venv .venv

.venv/ready: requirements.lock pyproject.toml | .venv/bin/python
	@echo 'Installing the cockpit ...'
	@start=$$(date +%s); \
		$(PIP) install --require-hashes --only-binary ':all:' -r requirements.lock && \
		$(PIP) install --no-deps --no-build-isolation --editable . && \
		$(BIN)/python -m compileall -q services widgets tui && \
		echo "  $$(du -sm .venv | cut -f1) MB in $$(( $$(date +%s) - start )) s"
	@touch $@

.venv/ready-dev: requirements-dev.lock .venv/ready
	@echo 'Installing what the tests and checks need ...'
	@$(PIP) install --require-hashes --only-binary ':all:' -r requirements-dev.lock
	@touch $@
