# The commands of this project. `make demo` and `make test` set everything up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# many tests wait for a clock or a browser: more workers than cores
WORKERS ?= 4
STAMP := $(VENV)/.installed
# compiled once: the tests start this program and its libraries many times
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup demo test one bench check reliability format lock clean

help: ## Say what each command does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(STAMP) ## Create .venv with the locked dependencies (a second run does nothing)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "omsbot needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@# the lock names everything: left to resolve, pip wants the newest of what is asked for with an extra
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## Run the bot with stand-ins for OMS and Slack; prints the address of a page to open
	@$(BIN)/omsbot demo

test: setup ## Run every test; PostgreSQL and MariaDB join in where they answer
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

one: setup ## Run the tests that match, such as `make one T=quiet_hours`
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -k "$(T)"

bench: setup ## Measure what it costs, in under 10 minutes; writes build/bench.json and docs/benchmarks.md
	$(BIN)/python -m benchmarks $(ARGS)

reliability: setup ## Run the reliability experiments at full size; writes build/reliability.json
	$(BIN)/python -m tests.reliability --long

check: setup ## Check format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Format the code and fix what lint can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: setup ## Resolve the dependencies again and write requirements.lock
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --all-extras --group dev \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet --output-file requirements.lock pyproject.toml

clean: ## Remove the virtual environment and the caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov build dist
