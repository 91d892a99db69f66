# `make run` starts Unsent, `make test` runs the tests, `make bench` measures. Each sets up what it needs in .venv and
# starts at once the next time. All need Python 3.11 or newer, with venv, and nothing else; another one is chosen with
# PYTHON=python3.12.

PYTHON ?= python3
ARGS ?=
ONLY ?=
VENV := .venv
PEERS := .venv-bench
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
INSTALL := $(PIP) install --root-user-action ignore
# The project itself comes from this folder alone: what builds it is already there, locked like everything else.
PROJECT := $(INSTALL) --no-index --no-deps --no-build-isolation --editable .
LOCK := uv pip compile pyproject.toml --extra postgresql --universal --generate-hashes --no-emit-index-url --no-header --quiet

.PHONY: run test bench lint style types imports format check lock clean

run: $(VENV)/run.stamp
	@$(BIN)/python -m bot run

test: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest $(ARGS)

# Every benchmark, about 40 minutes; `make bench ONLY=members` runs one, and replaces its part of docs/benchmarks.md.
bench: $(VENV)/dev.stamp $(PEERS)/peers.stamp
	@$(BIN)/python bench/run.py $(ONLY)

lint: style types imports

style: $(VENV)/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/dev.stamp
	@$(BIN)/pyright

imports: $(VENV)/dev.stamp
	@$(BIN)/lint-imports

format: $(VENV)/dev.stamp
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

check: lint test

# Keeps every version that still fits; `make lock ARGS=--upgrade` takes the newest. Needs uv.
lock:
	@$(LOCK) --group build $(ARGS) --output-file requirements/run.txt
	@$(LOCK) --group dev $(ARGS) --output-file requirements/dev.txt

clean:
	@rm -rf $(VENV) $(PEERS) .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist *.egg-info

# pip is the last thing that venv makes: where it is missing, an earlier try was interrupted.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Unsent needs Python 3.11 or newer. \
	Is another one installed? Then: make PYTHON=python3.12")'
	@echo "Making $(VENV), once"
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/run.stamp: requirements/run.txt pyproject.toml $(BIN)/pip
	@echo "Installing what Unsent needs"
	@$(INSTALL) --require-hashes --requirement requirements/run.txt
	@$(PROJECT)
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml $(BIN)/pip
	@echo "Installing what Unsent and its tests need"
	@$(INSTALL) --require-hashes --requirement requirements/dev.txt
	@$(PROJECT)
	@touch $@

# What is measured beside and not depended on. Where it cannot be installed, it is left out.
$(PEERS)/peers.stamp: bench/peers.txt $(BIN)/pip
	@echo "Installing what is measured beside Unsent"
	@$(BIN)/python -m venv --clear $(PEERS) \
	&& $(PEERS)/bin/python -m pip --quiet --disable-pip-version-check --no-input install --requirement bench/peers.txt \
	&& touch $@ || echo "It cannot be installed here"
