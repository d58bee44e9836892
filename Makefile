# The front door. PORT chooses where `make run` serves.
PORT ?= 8000
PY := .venv/bin/python
DATA := var/demo

.PHONY: setup setup-dev run test test-long check bench
setup: .venv/.core assets

.venv/bin/uv:
	python3 -m venv .venv
	$(PY) -m pip install -q --disable-pip-version-check uv

.venv/.core: .venv/bin/uv requirements.lock pyproject.toml
	.venv/bin/uv pip install -q --compile-bytecode --python $(PY) --require-hashes -r requirements.lock
	.venv/bin/uv pip install -q --python $(PY) --no-deps -e .
	@touch $@

.venv/.dev: .venv/.core requirements-dev.lock
	.venv/bin/uv pip install -q --python $(PY) --compile-bytecode --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: assets
assets: .venv/.core
	@$(PY) tools/assets.py
	@$(PY) tools/messages.py

setup-dev: setup .venv/.dev
	@sh tools/browser.sh

run: setup
	@$(PY) -m rongtong.cli.main demo --data-dir $(DATA) --port $(PORT)

test: setup-dev
	$(PY) -m pytest -n 2 -m "not long"
	$(PY) tools/with_postgres.py $(PY) -m pytest -n 2 -m "not long and not browser" tests/unit tests/web

test-long: setup-dev
	$(PY) -m pytest -m long

check: setup .venv/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m djlint src/rongtong --check --quiet
	RONGTONG_DATA_DIR=$$(mktemp -d) $(PY) -m mypy
	.venv/bin/lint-imports
	RONGTONG_DATA_DIR=$$(mktemp -d) DJANGO_SETTINGS_MODULE=rongtong.config.settings $(PY) -m django makemigrations --check --dry-run
	$(PY) -m pytest --doctest-modules src/rongtong/engines src/rongtong/kernel src/rongtong/trees src/rongtong/panel/measuring src/rongtong/schemes -q
	$(PY) tools/check_tree.py

bench: setup .venv/.dev
	$(PY) bench/run.py --json var/bench.json --page docs/benchmarks.md
