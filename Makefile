# One word per job; `make` alone lists them. Continuous integration calls the same words (.ci/run).
# Everything is installed into .venv from the locks in requirements/, and again only when a lock or pyproject.toml changes.

.DEFAULT_GOAL := help
.PHONY: help demo test lint types messages bench locks chromium clean

# Start-up and compiled kernels live from bytecode and caches on disk.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Tests of the browser wait for pages: three processes keep two cores busy.
JOBS ?= 3
ARGS ?=

# The first Python that is new enough, unless one is named: make demo PYTHON=python3.12
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
# Pythons newer than 3.13 take the lock of 3.13, which was resolved for them too.
LOCK := $(shell $(firstword $(wildcard $(BIN)/python) $(PYTHON) false) -c \
	'import sys; print(f"py3{min(sys.version_info[1], 13)}")' 2>/dev/null)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile
	@echo 'Options: PYTHON=python3.12 (which Python), ARGS="..." (passed on), JOBS=3 (test processes)'

demo: .venv/demo.stamp ## install, then open the workbench on the sample films at http://localhost:5006
	$(BIN)/explorer demo $(ARGS)

test: .venv/dev.stamp chromium ## install what the tests need, a Chromium included, and run all of them
	$(BIN)/pytest -n $(JOBS) -r fEs $(ARGS)

lint: .venv/dev.stamp ## style, format, and the direction of imports; scripts too where there is a Node
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	@.ci/scripts lint

types: .venv/dev.stamp ## types, strictly; of the scripts too where there is a Node
	$(BIN)/mypy
	$(BIN)/mypy tests/types
	@.ci/scripts types

messages: .venv/dev.stamp ## write the texts of the page into explorer/*/messages.pot, for translators
	$(BIN)/python .ci/messages

bench: .venv/dev.stamp ## run every benchmark, one after the other
	@failed=0; for file in tests/benchmarks/bench_*.py; do \
		echo "== $$file"; $(BIN)/python $$file $(ARGS) || failed=1; done; exit $$failed

locks: $(BIN)/uv ## resolve requirements/*.txt again (newer releases: make locks ARGS=--upgrade)
	@for minor in 11 12 13; do \
		echo "locks for Python 3.$$minor"; \
		compile="$(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-annotate $(ARGS)"; \
		compile="$$compile --python-version 3.$$minor --group build"; \
		UV_CUSTOM_COMPILE_COMMAND="make locks" $$compile --output-file requirements/py3$$minor.txt && \
		UV_CUSTOM_COMPILE_COMMAND="make locks" $$compile --group test --group lint \
			--constraints requirements/py3$$minor.txt --output-file requirements/dev-py3$$minor.txt || exit 1; done

clean: ## delete .venv, caches and build products
	rm -rf .venv node_modules build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	rm -rf bench-results test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

chromium: .venv/dev.stamp
	@.ci/chromium

$(BIN)/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Explorer needs Python 3.11 or newer; found $$($(or $(PYTHON),python3) --version 2>&1 || true)." \
			"Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make a virtual environment: its venv module is missing." \
			"On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv

$(BIN)/uv: | $(BIN)/python
	@$(PIP) install --quiet uv

.venv/demo.stamp: $(wildcard requirements/$(LOCK).txt) pyproject.toml | $(BIN)/python
	@echo "Installing from requirements/$(LOCK).txt into .venv; the first time takes a minute or two."
	@$(PIP) install --quiet --requirement requirements/$(LOCK).txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/explorer cache warm
	@touch $@

# The development lock holds the run-time lock's versions, so one installation serves both.
.venv/dev.stamp: $(wildcard requirements/dev-$(LOCK).txt) pyproject.toml | $(BIN)/python
	@echo "Installing from requirements/dev-$(LOCK).txt into .venv; the first time takes a minute or two."
	@$(PIP) install --quiet --requirement requirements/dev-$(LOCK).txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/explorer cache warm
	@touch .venv/demo.stamp $@
