PYTHON ?= python3
BIN := .venv/bin
COMMA := ,
SIZES ?= 3,10,50,200
SET ?= all
ROUNDS ?= 3
SLOWEST := --durations=30 --durations-min=5
export LAB_ROOT ?= /opt/lab

.PHONY: help demo test check soak matrix lab lab-down lab-status lab-wipe test-lab bench bench-failsafe bench-window clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' Makefile

demo: .venv/demo.stamp ## Show the main job on two clouds in one process (KEEP=1: and leave them up).
	$(BIN)/python examples/demo.py $(if $(KEEP),--keep)

test: .venv/test.stamp ## Run the tests that need no cloud and no root.
	$(BIN)/python -m pytest -n 3 --dist worksteal --ignore=tests/lab $(SLOWEST)

check: .venv/check.stamp ## Lint, check types and layers, build the documentation.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate tests
	$(BIN)/sphinx-build -q -n -W --keep-going docs docs/_build

soak: .venv/test.stamp ## Run random runs with random faults (N=how many, SEED=which).
	$(BIN)/python -m tests.core.soak $(or $(N),2000) $(or $(SEED),0)

matrix: .venv/test.stamp ## Write the fault matrix of the documentation anew (K=name for some of it).
	rm -rf build/matrix && mkdir -p build/matrix
	VNFDR_MATRIX=build/matrix $(BIN)/python -m pytest -n 2 tests/matrix --ignore=tests/matrix/test_page.py $(if $(K),-k "$(K)")
	$(BIN)/python -m tests.matrix.page build/matrix

lab: ## Bring up a two-site OpenStack on this machine (Debian 12, root).
	tests/lab/lab up

lab-down: ## Stop the lab and keep its data.
	tests/lab/lab down

lab-status: ## Show what of the lab is running.
	tests/lab/lab status

lab-wipe: ## Stop the lab and forget its data.
	tests/lab/lab wipe

test-lab: .venv/lab.stamp ## Run the end-to-end tests on the lab (K=name for some of them, KILLS=5 instants).
	OS_CLIENT_CONFIG_FILE=$(LAB_ROOT)/state/clouds.yaml VNFDR_CONTRACT=lab $(BIN)/python -m pytest tests/backends tests/contract tests/lab $(SLOWEST) $(if $(K),-k "$(K)")

bench: .venv/test.stamp ## Measure windows on the sandbox (SIZES=3,10,50,200 SET=fast|slow|all ROUNDS=3 JSON=file).
	$(BIN)/python -m tests.bench --sizes $(subst $(COMMA), ,$(SIZES)) --clouds $(subst all,fast slow,$(SET)) --rounds $(ROUNDS) --whole 200 $(if $(JSON),--json $(JSON))

bench-failsafe: .venv/test.stamp ## Measure on the sandbox how soon guests of a killed run are thawed (KILLS=60 SEED=1).
	$(BIN)/python -m tests.bench.failsafe --kills $(or $(KILLS),60) --seed $(or $(SEED),1)

bench-window: .venv/lab.stamp ## Measure on the lab how long guests stay frozen.
	OS_CLIENT_CONFIG_FILE=$(LAB_ROOT)/state/clouds.yaml $(BIN)/python -m tests.lab.bench_window

clean: ## Remove everything that can be made again.
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist docs/_build
	find . -name __pycache__ -prune -exec rm -rf {} +

# Each stamp says that something is installed, and is older than pyproject.toml
# when that has changed since.
.venv/pip.stamp:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --upgrade pip
	touch $@

.venv/demo.stamp: .venv/pip.stamp pyproject.toml
	$(BIN)/python -m pip install -q --editable '.[sandbox]'
	touch $@

.venv/test.stamp: .venv/pip.stamp pyproject.toml
	$(BIN)/python -m pip install -q --group test --editable '.[postgresql,sandbox]'
	touch $@

.venv/check.stamp: .venv/test.stamp
	$(BIN)/python -m pip install -q --group check --group docs
	touch $@

.venv/lab.stamp: .venv/test.stamp
	$(BIN)/python -m pip install -q --editable '.[libvirt]'
	touch $@
