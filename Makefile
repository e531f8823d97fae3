# Two commands are all one needs: `make run` and `make test`. The rest is for those who change the code.
PYTHON ?= python3
UV_VERSION := 0.13.9
UV_HOME := .venv-tools/uv-$(UV_VERSION)
UV := $(UV_HOME)/bin/uv
PY := .venv/bin/python
PYTEST := $(PY) -m pytest
MUTATE := .venv-tools/mutate

export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
export UV_NO_PROGRESS := 1
export PIP_ROOT_USER_ACTION := ignore

.DEFAULT_GOAL := help
.PHONY: help setup run demo test lint format types imports static unit pages e2e attack faults crash crash-full model bench-billing bench-constructor mutate screens gallery lighthouse sbom looked lock clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## make .venv from the lock file; fetches nothing when it is there already
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Amigo needs Python 3.11 or newer, this is " + sys.version.split()[0] + ": make PYTHON=/path/to/python3.12 ...")'
	@if [ -x $(PY) ] && cmp -s uv.lock .venv/installed.lock && $(PY) -c '' 2>/dev/null; then :; else $(MAKE) --no-print-directory .venv/installed.lock; fi

# Debian keeps venv and pip in packages of their own: either of them is enough to get uv.
$(UV):
	@echo 'Fetching uv $(UV_VERSION)…'
	@mkdir -p .venv-tools && rm -rf $(UV_HOME) $(UV_HOME).new
	@if $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	  $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-warn-script-location --target $(UV_HOME).new uv==$(UV_VERSION); \
	else \
	  $(PYTHON) -m venv $(UV_HOME).new && $(UV_HOME).new/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); \
	fi
	@mv $(UV_HOME).new $(UV_HOME)

.PHONY: .venv/installed.lock
.venv/installed.lock: $(UV)
	@echo 'Installing what uv.lock names…'
	@$(UV) sync --quiet --frozen --python "$$(command -v $(PYTHON))"
	@cp uv.lock $@

run: setup  ## start the demo on http://127.0.0.1:8080
	@AMIGO_DEMO=$${AMIGO_DEMO:-1} PYTHONMALLOC=malloc exec $(PY) main.py

demo: setup  ## fill an empty database with the demo data and stop
	@AMIGO_DEMO=1 $(PY) main.py demo

test: setup  ## everything, in order, stopping at the first failure
	@$(PY) -m tests.everything

lint: setup  ## style and format
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

format: setup  ## put the code into the house's format
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

types: setup  ## mypy, strict
	@$(PY) -m mypy

imports: setup  ## pages → components → services → models, one way
	@.venv/bin/lint-imports

static: setup  ## the code by our own rules; no secret in the tree
	@$(PY) -m tests.static.check

unit: setup  ## services on SQLite and PostgreSQL, and the house rules
	@$(PYTEST) -n 2 -m 'not full' tests/unit tests/test_house_rules.py tests/test_asvs.py

pages: setup  ## pages without a browser
	@$(PYTEST) -n 2 tests/pages

e2e: setup  ## journeys in Chromium
	@$(PYTEST) -n 2 --dist loadfile tests/e2e

attack faults crash: setup  ## the full forms (make test runs the quick ones)
	@if ls tests/$@/test_*.py >/dev/null 2>&1; then $(PYTEST) tests/$@; else echo 'tests/$@ has no tests yet'; fi

bench-billing: setup  ## the monthly run over 100,000 contracts, measured on both databases; N=5000 for a quick look
	@$(PY) -m tests.bench.billing --contracts $(or $(N),100000)

bench-constructor: setup  ## how soon the sum of the constructor changes after a click; promised ≤ 100 ms, p95
	@$(PY) -m tests.bench.constructor

crash-full: setup
	@CRASH_CYCLES=1000 $(PYTEST) tests/crash

model: setup  ## money by lives, races, days and deliveries: 500 × 50 clicks, 2,000 races a database; an hour or more
	@$(PYTEST) -n 2 -m full tests/unit/test_cabinet_money.py tests/unit/test_one_contract_at_once.py \
	  tests/unit/test_clock_of_money.py tests/unit/payments/test_deliveries.py

mutate: setup  ## is a change in the code of money noticed; 20 minutes; ONLY='overage money' for some modules
	@cmp -s uv.lock $(MUTATE)/installed.lock || $(MAKE) --no-print-directory $(MUTATE)/installed.lock
	@$(MUTATE)/bin/python -m tests.mutation.run $(ONLY)

.PHONY: $(MUTATE)/installed.lock
$(MUTATE)/installed.lock: $(UV)
	@UV_PROJECT_ENVIRONMENT=$(MUTATE) $(UV) sync --quiet --frozen --group mutate --python "$$(command -v $(PYTHON))"
	@cp uv.lock $@

screens: setup  ## pictures of every page in three widths, light and dark, into var/screens
	@$(PY) -m tests.screens

gallery: setup  ## a picture of every component, light and dark, into docs/img/gallery
	@$(PY) -m tests.gallery

lighthouse: setup  ## scores of the pages strangers see, medians of five on a phone; ONLY=kontakti for one page
	@$(PY) -m tests.bench.lighthouse

sbom: setup $(UV)  ## whose code is in the image, as CycloneDX, into var/sbom.json
	@$(PY) -m tests.static.sbom var/sbom.json

looked: setup  ## before a release: has anybody looked for known holes lately (docs/deps.yml)
	@$(PY) -m tests.static.looks

lock: $(UV)  ## bring uv.lock up to date with pyproject.toml
	@$(UV) lock

clean:  ## remove what was built; var/ with its data stays
	rm -rf .venv .venv-tools .ruff_cache .mypy_cache .import_linter_cache .hypothesis
