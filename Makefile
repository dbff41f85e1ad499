# One file for every command. `make` alone lists them. Needs Python 3.11 or newer, make and a package index.

PYTHON ?= python3
FUZZ_SECONDS ?= 600
FUZZ_TARGETS ?= xml feel dmn state
FAULT_ROUNDS ?= 50
VENV := .venv
BIN := $(VENV)/bin
CHROMIUM := $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name))))
# Files go to the workers in the order of their names: the long ones of browser/ and crash/ then do not come last.
SPREAD := -n 2 --dist loadfile --no-loadscope-reorder
# Without its bytecode every start of the program compiles some thousand modules anew, and the tests start it often.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime frontend ## Start the demonstration county: web, timers, everything (JIEBAN_PORT, JIEBAN_DATA)
	@exec $(BIN)/jieban demo

serve: $(VENV)/.runtime frontend ## Start an installation of your own (JIEBAN_PORT, JIEBAN_DATA)
	@exec $(BIN)/jieban serve

test: lint typecheck frontend-test ## Run every check: ruff, mypy, imports, pytest on SQLite and PostgreSQL, browser
ifeq ($(CHROMIUM),)
ifeq ($(CI),true)
	@echo "There is no Chromium, so the browser tests cannot run; install it (see .ci/run)." >&2; exit 1
else
	@echo "There is no Chromium, so the browser tests are skipped; install the package chromium to run them."
	$(BIN)/pytest $(SPREAD) -m "not browser and not slow"
endif
else
	$(BIN)/pytest $(SPREAD) -m "not slow"
endif

lint: $(VENV)/.dev ## Check style, formatting and the directions of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

typecheck: $(VENV)/.dev ## Check the types
	$(BIN)/mypy

frontend-test: $(VENV)/.dev frontend
	$(BIN)/python scripts/build_frontend.py --test

wheel-check: $(VENV)/.dev frontend ## Build the wheel, install it alone and import it from elsewhere
	$(BIN)/python scripts/check_wheel.py

test-faults: $(VENV)/.dev frontend ## Kill, cut and fill up in the middle of sweeps, fifty times each, and write docs/faults.md (FAULT_ROUNDS)
	FAULT_ROUNDS=$(FAULT_ROUNDS) FAULT_REPORT=docs/faults.md $(BIN)/pytest -v tests/crash

test-deploy: $(VENV)/.dev frontend ## Run the recipe of docs/deploy on this machine: PostgreSQL, Prefect, two web servers, two workers
	$(BIN)/pytest -v tests/deploy

bench: $(VENV)/.dev ## Measure, and print the tables
	@$(BIN)/python -m bench

fuzz: $(VENV)/.fuzz ## Hammer XML, FEEL, DMN and saved states with hostile input (FUZZ_SECONDS each, FUZZ_TARGETS)
	@$(BIN)/python -m tests.fuzz run $(FUZZ_SECONDS) $(FUZZ_TARGETS)

shots: $(VENV)/.dev frontend ## Take the screenshots of the README from a demonstration
	$(BIN)/python scripts/shots.py

readmes: $(VENV)/.dev ## Write the generated parts of the READMEs of the procedures anew
	$(BIN)/python -m scripts.procedure_readmes

lock: $(VENV)/.uv ## Resolve the dependencies again and write the lock files
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	  --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	  -c requirements.lock --group build --group dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
	  -c requirements-dev.lock --group fuzz -o requirements-fuzz.lock
	echo "uv" | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade \
	  - -o requirements-uv.lock

clean: ## Remove everything that was built or installed; data stay
	rm -rf $(VENV) web/static/dist web/frontend/node_modules dist build shots
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

frontend: $(VENV)/.runtime
	@$(BIN)/python scripts/build_frontend.py

# Stamps: each says that the environment holds what its lock file names.
$(VENV)/.uv: requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "jieban needs Python 3.11 or newer; name one with make PYTHON=...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

$(VENV)/.runtime: requirements.lock pyproject.toml $(VENV)/.uv
	@echo "installing the packages of requirements.lock ..."
	@$(BIN)/python scripts/install.py requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "installing the packages of requirements-dev.lock ..."
	@$(BIN)/python scripts/install.py requirements-dev.lock
	@touch $@

$(VENV)/.fuzz: requirements-fuzz.lock $(VENV)/.dev
	@echo "installing the packages of requirements-fuzz.lock ..."
	@$(BIN)/python scripts/install.py requirements-fuzz.lock
	@touch $@

.PHONY: help demo serve test test-faults test-deploy lint typecheck frontend frontend-test wheel-check bench fuzz shots readmes lock clean
