# Both need only Python 3.11 or newer, make and a package index. Safe to repeat.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test check format help clean

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(READY)  ## a whole city on this machine; ARGS="--once --json" goes to `parking demo`
	@$(BIN)/parking demo $(ARGS)

test: $(READY)  ## all tests, in parallel
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: $(READY)  ## lint, format, types, architecture
	$(BIN)/ruff check --config config/ruff.toml .
	$(BIN)/ruff format --check --config config/ruff.toml .
	$(BIN)/mypy
	$(BIN)/python -m pytest -p no:randomly tests/test_architecture.py

format: $(READY)  ## let the formatter decide
	$(BIN)/ruff check --fix --config config/ruff.toml .
	$(BIN)/ruff format --config config/ruff.toml .

clean:  ## remove the environment and the demo's data
	rm -rf $(VENV) var

$(READY): setup.cfg pyproject.toml config/requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 …" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) …" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r config/requirements.lock >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable . >&2
	@touch $@
