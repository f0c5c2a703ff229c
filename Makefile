# `make run` starts the program, `make test` runs every check. Both make .venv first.
VENV := .venv
BIN := $(VENV)/bin
# The first interpreter on the path that is new enough; override with `make PYTHON=/path/to/python3.12 …`.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
export PYTHONUTF8 := 1

.PHONY: run demo test lint types contracts check audit tests test-browser screenshots coverage fuzz chaos format requirements clean

run: $(VENV)/.run
	@$(BIN)/sop-bot start

demo: $(VENV)/.run
	@$(BIN)/sop-bot demo

test: lint types contracts check audit tests

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

check: $(VENV)/.dev
	$(BIN)/sop-bot check

# Fails for a known vulnerability; says so, without failing, where nobody can be asked.
audit: $(VENV)/.dev
	$(BIN)/python tests/supply/audit.py

# Says what it skips: tests in a real browser are `make test-browser`.
tests: $(VENV)/.dev
	$(BIN)/pytest --numprocesses auto -rfEs

# The demo's page in the system's Chromium, or in the one that CHROMIUM names; fails where there is none.
test-browser: $(VENV)/.dev
	@$(BIN)/python tests/browser/chromium.py
	BROWSER_TESTS=1 $(BIN)/pytest --numprocesses auto tests/browser

# Makes the pictures of README.md again, in docs/gambar/, from a demo whose clock stands still.
screenshots: $(VENV)/.dev
	PYTHONPATH=. $(BIN)/python tests/browser/screenshots.py

# Coverage-guided fuzzing of the parsers, from a seed and within bounds, then the same tests as `make test` with
# inputs of their own. More: `make fuzz FUZZ_SECONDS=600 FUZZ_RUNS=10000000 FUZZ_SEED=2 FUZZ_FACTOR=100`.
FUZZ_SECONDS ?= 60
FUZZ_RUNS ?= 200000
FUZZ_SEED ?= 1
FUZZ_FACTOR ?= 10
fuzz: $(VENV)/.fuzz
	PYTHONPATH=. $(BIN)/python tests/fuzz/guided/run.py --runs $(FUZZ_RUNS) --seconds $(FUZZ_SECONDS) --seed $(FUZZ_SEED)
	FUZZ=$(FUZZ_FACTOR) $(BIN)/pytest --numprocesses auto tests/fuzz

# The long chaos runs of docs/keandalan.md. The seed leads to the same schedule again.
SEED ?= 7
KILLS ?= 300
chaos: $(VENV)/.dev
	$(BIN)/python -m benchmarks.chaos --seed $(SEED) --kills $(KILLS)

# Branch coverage slows every line down, so the checks go without.
coverage: $(VENV)/.dev
	$(BIN)/pytest --numprocesses auto --cov --cov-report term:skip-covered

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Pins every dependency with its hashes; needs `uv` on the path. No index address is written.
requirements:
	uv pip compile -q pyproject.toml --group build --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header -o requirements/run.txt
	uv pip compile -q pyproject.toml --group build --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header -c requirements/run.txt -o requirements/dev.txt
	uv pip compile -q pyproject.toml --group fuzz --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header -c requirements/dev.txt -o requirements/fuzz.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage htmlcov

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 atau lebih baru tidak ditemukan. Pasang, lalu ulangi." >&2; exit 1; }
	@echo "Menyiapkan $(VENV) dengan $(PYTHON) …"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --python $(VENV)/bin/python install --quiet pip; } \
		|| { rm -rf $(VENV); echo "Modul venv tidak lengkap. Di Debian/Ubuntu: apt install python3-venv" >&2; exit 1; }

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "Memasang dependensi …"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "Memasang alat pemeriksa …"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

# The fuzzer has wheels for some platforms only.
$(VENV)/.fuzz: requirements/fuzz.txt $(VENV)/.dev
	@echo "Memasang alat uji masukan …"
	@$(PIP) install --require-hashes -r requirements/fuzz.txt
	@touch $@
