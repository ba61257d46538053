# make run      Scrip on this machine, with a demo, until Ctrl-C
# make test     every test but the long ones
# make test-long  those: loads, measures, restores, very many cases; ten minutes and more
# make check    lint, types, the template, every test but the long ones: what .ci/run does
# make simulate  a million operations with everything that can go wrong, from a new seed
# make mutate   small changes of the code by chance: does a test notice each? Half an hour and more
# make bench    what everything costs, beside its rivals: four minutes, writes docs/bench/
# make drill    a restore, tried on this machine: see docs/restoring.md
# make load     ten minutes of everything at once, at this machine's limit: writes docs/bench/load.json
# make openapi  write docs/openapi.json, the table of docs/errors.md and samples of new routes
# make lock     resolve requirements/ again, after a change in pyproject.toml

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python3.14,$(shell \
	$(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
# Locked versions, so pip has nothing to resolve; byte code is made on first use, which is faster than all of it now.
PIP := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --no-deps --no-compile
# What local layers are made of, while the other core unpacks the rest. Without it the first build fetches it.
FETCH_LAYERS := SCRIP_LAYER_TARGET=local SCRIP_LAYER_CACHE=.local/layers $(BIN)/python layers/build.py

# `local` and the tests are found from here.
export PYTHONPATH := $(CURDIR)
export SAM_CLI_TELEMETRY := 0
# Set in many containers; every run would compile all that it imports again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-long simulate mutate drill bench load check read lint format types template openapi lock clean

run: $(VENV)/run.done
	@$(BIN)/python -m local

# One worker more than there are processors: the one with the stack's tests waits for most of their time.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

test: $(VENV)/dev.done
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadgroup -m "not long" $(TESTS)

test-long: $(VENV)/dev.done
	$(BIN)/python -m pytest --numprocesses auto --dist loadgroup -m long $(TESTS)

# SIMULATE="--seed 7 --operations 20000", say: see docs/simulation.md.
simulate: $(VENV)/dev.done
	$(BIN)/python -m simulation $(SIMULATE)

# MUTATE="--seed 7 --room domain --number 100", say: see docs/contributing.md.
mutate: $(VENV)/dev.done
	$(BIN)/python -m mutation $(MUTATE)

drill: $(VENV)/dev.done
	$(BIN)/python -m local.drill

check: lint types template test

lint: $(VENV)/dev.done
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(VENV)/dev.done
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

types: $(VENV)/dev.done
	$(BIN)/mypy

# Reads all tests once, so that what pytest makes of each is there for every worker that reads them again.
read: $(VENV)/dev.done
	@$(BIN)/python -m pytest --collect-only -q -q > /dev/null

template: $(VENV)/dev.done
	AWS_DEFAULT_REGION=us-east-1 $(BIN)/sam validate --lint

openapi: $(VENV)/dev.done
	$(BIN)/python -m openapi

bench: $(VENV)/dev.done
	$(BIN)/python -m bench $(BENCH)

# LOAD="--minutes 10 --clients 8 --seed 7", say: see docs/benchmark.md.
load: $(VENV)/dev.done
	$(BIN)/python -m bench.load $(LOAD)

$(VENV)/python.done:
	@test -n "$(PYTHON)" || { echo "Scrip needs Python 3.11 or later: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "      making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run.done: requirements/run.txt pyproject.toml | $(VENV)/python.done
	@echo "      installing what runs Scrip on this machine into $(VENV): once, half a minute to two"
	@began=$$(date +%s); $(FETCH_LAYERS) & $(PIP) --requirement requirements/run.txt; \
		status=$$?; wait; \
		test $$status = 0 && $(PIP) --no-build-isolation --editable . || exit 1; \
		echo "$$(printf %4d $$(( $$(date +%s) - began ))) s  installed"
	@touch $@

$(VENV)/dev.done: requirements/dev.txt pyproject.toml | $(VENV)/python.done
	@echo "      installing what tests and checks Scrip into $(VENV): once"
	@$(PIP) --requirement requirements/dev.txt
	@$(PIP) --no-build-isolation --editable .
	@touch $@ $(VENV)/run.done

lock:
	PYTHON="$(PYTHON)" ./requirements/lock

clean:
	rm -rf $(VENV) .aws-sam .local .mypy_cache .pytest_cache .ruff_cache .hypothesis layers/scrip/scrip.egg-info
