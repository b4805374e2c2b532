# Everything a person types here, and CI types the same. `make` alone lists it.

# A Python of 3.11 or newer: the first that answers. Another one: make setup PYTHON=/path/to/python3
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$python -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$python && exit; done; echo python3)

BIN := .venv/bin
UV := $(BIN)/uv
STAMP := .venv/.ready
LOCKED := requirements/dev.txt
CATALOGUES := $(patsubst %.po,%.mo,$(shell find cli ledger -name '*.po' 2>/dev/null))

# pytest's workers; and how long `make deep` may search, where the machine has timeout(1)
WORKERS ?= 2
DEEP_LIMIT ?= 30m
CRASH_LIMIT ?= 300
FUZZ_LIMIT ?= 60
FUZZ_TARGETS := line lines proof
MUTANTS ?= ledger/domain
MUTANTS_LIMIT ?= 600
MUTANTS_SEED ?= 0

MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.PHONY: help setup demo test check format docs deep fuzz crash mutants bench house wheel lock clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s%s\n", $$1, $$2 }' Makefile

setup: $(STAMP) $(CATALOGUES) ## Create .venv with everything in it, and .venv/bin/cpod; nothing to do when nothing changed.

demo: setup ## Show the ledger at work.
	@sh demo/run.sh

test: check ## Check, then run the tests.
	@$(BIN)/pytest -n $(WORKERS)

check: setup ## Judge the form, the types and who imports whom.
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary ledger cli
	@said=$$($(BIN)/lint-imports --no-logo) || { echo "$$said"; exit 1; }

format: setup ## Write the form that `make check` asks for.
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

docs: setup ## Write what the documentation takes from the code, and play its sessions anew.
	@$(BIN)/python tests/docs/refresh_docs.py

deep: setup ## Search long for a counterexample, half an hour at most (DEEP_LIMIT=).
	@HYPOTHESIS_PROFILE=deep $$(command -v timeout >/dev/null && echo timeout -s INT $(DEEP_LIMIT)) \
		$(BIN)/pytest -n $(WORKERS) -m 'deep or hypothesis' tests

fuzz: setup .venv/fuzz ## Fuzz what reads bytes, guided by coverage, a minute each (FUZZ_LIMIT=); Linux on x86-64 only.
	@for target in $(FUZZ_TARGETS); do echo "$$target"; \
		PYTHONPATH=tests:tests/commands:.:.venv/fuzz $(BIN)/python tests/fuzz/fuzz.py $$target \
			-max_total_time=$(FUZZ_LIMIT) || exit 1; \
	done

crash: setup ## Kill, starve and crowd ledgers, for about five minutes (CRASH_LIMIT= seconds, CRASH_SEED=).
	@PYTHONPATH=tests:tests/properties:tests/crash:. $(BIN)/python tests/crash/run.py \
		--limit $(CRASH_LIMIT) $(if $(CRASH_SEED),--seed $(CRASH_SEED))

mutants: setup ## Change the code in one place at a time, and say what no test notices (MUTANTS= folders, MUTANTS_LIMIT= seconds).
	@$(BIN)/python tests/mutants/run.py $(MUTANTS) --limit $(MUTANTS_LIMIT) --seed $(MUTANTS_SEED) \
		$(if $(MUTANTS_AGAIN),--again)

bench: setup ## Measure how fast it takes in and answers.
	@$(BIN)/python bench/run.py

house: setup ## Measure how far it is from a command to the SQL, and how the files lie.
	@PYTHONPATH=. $(BIN)/python bench/house.py

wheel: setup ## Build the wheel of what is committed, and try it in an empty environment.
	@BIN=$(abspath $(BIN)) sh tests/wheel/try.sh

lock: $(UV) ## Write requirements/*.txt from pyproject.toml; newer versions with LOCK_FLAGS=--upgrade.
	@$(COMPILE) requirements/bootstrap.in -o requirements/bootstrap.txt
	@$(COMPILE) pyproject.toml -o requirements/runtime.txt
	@$(COMPILE) requirements/fuzz.in -o requirements/fuzz.txt
	@$(COMPILE) pyproject.toml --all-extras --group dev -c requirements/runtime.txt -o $(LOCKED)

COMPILE = UV_CUSTOM_COMPILE_COMMAND='make lock' $(UV) pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url $(LOCK_FLAGS)

clean: ## Remove all that these targets made, .venv too.
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@rm -rf build dist *.egg-info $(CATALOGUES)
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip brings uv, by its hash; uv brings the rest, by theirs. Nothing is built but cpod itself, and that
# with the setuptools of the lock, so no version is ever chosen on the day.
$(UV): requirements/bootstrap.txt
	@python='$(PYTHON)'; $$python -c '$(NEW_ENOUGH)' 2>/dev/null || { \
		echo "cpod needs Python 3.11 or newer; $$python says: $$($$python --version 2>&1 | head -n 1)." \
			"Name one: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }; \
	echo "Setting up .venv" >&2; \
	$$python -m venv --without-pip .venv && \
	$$python -m pip --python $(BIN)/python --disable-pip-version-check install --quiet \
		--only-binary :all: --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(STAMP): $(UV) $(LOCKED) pyproject.toml
	@$(UV) pip sync --quiet --python $(BIN)/python --no-build --require-hashes \
		requirements/bootstrap.txt $(LOCKED)
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation \
		--config-setting editable_mode=compat --editable .
	@$(UV) pip check --quiet --python $(BIN)/python
	@$(BIN)/python -m compileall -q -j 0 .venv/lib ledger cli || true
	@touch $@

.venv/fuzz: requirements/fuzz.txt $(STAMP)
	@$(UV) pip install --quiet --python $(BIN)/python --target $@ --no-build --require-hashes -r $<
	@touch $@

%.mo: %.po $(STAMP)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
