# Every recipe uses relative paths, so that a folder with a space in its name works.
# Logic lives in scripts/ and tests/run.py; this file only names it.
.DEFAULT_GOAL := help
SHELL := /bin/sh
export PORT EMPTY ONLY VOLLEYS
PYTHON := .venv/bin/python

.PHONY: help dev test check bench races kills nightly lint types migrate lock clean venv venv-dev

help: ## Show these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

dev: venv ## Run everything: web, worker, Stripe sandbox, mailbox (PORT=8000, EMPTY=1 for no seed)
	@exec $(PYTHON) -m marketplace.dev

test: venv-dev ## Run all tests on SQLite, PostgreSQL and Chromium (ONLY=sqlite|postgresql|browser)
	@exec $(PYTHON) -m tests.run

check: venv-dev ## What CI runs: lint, types, walls, migrations, all tests
	@exec $(PYTHON) -m scripts.check

bench: venv-dev ## Measure pages, releases, Stripe's messages and the comparison of the books, each against a floor
	@$(PYTHON) -m bench && $(PYTHON) -m bench.releases && $(PYTHON) -m bench.intake && exec $(PYTHON) -m bench.reconcile

races: venv-dev ## 24 kinds of race, 8 at a time, on both databases (VOLLEYS=400 of each kind, ONLY=sqlite|postgresql)
	@exec $(PYTHON) -m tests.races

kills: venv-dev ## kill -9 of web and worker at every system call of a month's money (ONLY=sqlite|postgresql)
	@exec $(PYTHON) -m tests.kills

nightly: venv-dev ## What takes too long for every push
	@$(PYTHON) -m tests.run --nightly && $(PYTHON) -m tests.races && exec $(PYTHON) -m tests.kills

lint: venv-dev ## Style of Python and of templates
	@exec $(PYTHON) -m scripts.check lint

types: venv-dev ## mypy, strict
	@exec $(PYTHON) -m scripts.check types

migrate: venv ## Bring the development database to the newest schema
	@exec $(PYTHON) -m marketplace.dev migrate

lock: venv-dev ## Write requirements*.txt from requirements*.in, with hashes
	@exec $(PYTHON) -m scripts.lock

clean: ## Remove .venv, the development data and all that tests leave
	rm -rf .venv var test-output .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@python3 scripts/debian.py dev && python3 scripts/venv.py

venv-dev:
	@python3 scripts/debian.py test && python3 scripts/venv.py --dev
