# Two commands do everything on a fresh machine: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
BIN := .venv/bin
STAMPS := .stamps
WEB := patrol_console/web
INPUTS ?= 100000
HOURS ?= 1
# An absent Node.js (or one older than 20) is replaced by the one in the wheel; see tools/with_node.sh.
NODE := tools/with_node.sh

.PHONY: help setup demo test check e2e bench fuzz soak screenshots lock clean

help: ## what can be made
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMPS)/dev $(STAMPS)/web ## everything the demo and the tests need, in .venv and node_modules

demo: $(STAMPS)/python $(STAMPS)/web ## a running hub on loopback: nine cameras, a wall, an alert
	@$(BIN)/probe demo $(DEMO)

test: setup ## the tests (nothing has to be running)
	@$(BIN)/python -m pytest -n auto --dist loadfile $(TESTS)
	@$(NODE) npm --prefix $(WEB) test --silent

check: setup ## format, lint, types, import rules, the repository's rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(NODE) npm --prefix $(WEB) run check --silent
	@$(BIN)/python -m pytest -q tests/test_repo_rules.py

e2e: setup ## the page in a real browser (Chromium)
	@$(BIN)/python -m pytest tests/e2e $(TESTS)

bench: setup ## the numbers of docs/design/numbers.md, measured here
	@$(BIN)/probe bench all

fuzz: setup ## 100,000 wrong inputs to all that reads foreign bytes (INPUTS=100000)
	@$(BIN)/python -m tests.fuzz.run --inputs $(INPUTS)

soak: setup ## 100 cameras, a kill a minute, for HOURS=1; writes docs/ref/soak.*
	@$(BIN)/probe bench soak --hours $(HOURS) --out docs/ref

screenshots: setup ## docs/images, made from the running demo
	@$(BIN)/python -m tests.e2e.screenshots docs/images

lock: ## resolve the dependencies anew (needs uv); the locks hold hashes and no addresses
	@tools/lock.sh

clean: ## what setup made
	rm -rf .venv $(STAMPS) $(WEB)/node_modules $(WEB)/dist

$(STAMPS)/python: requirements.lock tools/setup_python.sh pyproject.toml
	@tools/setup_python.sh "$(PYTHON)" requirements.lock
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: requirements-dev.lock $(STAMPS)/python
	@tools/setup_python.sh "$(PYTHON)" requirements-dev.lock
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/web: $(STAMPS)/python $(WEB)/package-lock.json $(shell find $(WEB)/src $(WEB)/index.html $(WEB)/vite.config.ts -type f 2>/dev/null)
	@tools/setup_web.sh
	@mkdir -p $(STAMPS) && touch $@
