# Every target does all its own set-up, in .venv: once, and again only when a lock file or pyproject.toml has changed.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help serve test check mutants fuzz schema migration lock

ARGS ?=
PYTHON ?= python3
TEST_POSTGRES ?= postgres://postgres@127.0.0.1:5432/grouproom_test
TEST_REDIS ?= redis://127.0.0.1:6379
UV_VERSION := 0.13.9

BIN := .venv/bin
RUN := .venv/installed-run
DEV := .venv/installed-dev
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" --quiet $(ARGS)

help: ## Show this list
	@echo "Group therapy for a practice, live over one GraphQL endpoint. There are:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo "ARGS goes on to the command: make serve ARGS=\"--port 9000\", make test ARGS=\"tests/groups -x\"."
	@echo "The server reads GROUPROOM_* variables: GROUPROOM_DATABASE_URL=postgres://... make serve."

serve: $(RUN) ## Start the server with the demo practice, on http://127.0.0.1:8000/graphql
# Ctrl-C reaches make, the shell and the server alike: stopped by it is stopped well.
	@trap : INT; $(BIN)/grouproom serve --demo $(ARGS) || test $$? -eq 130

test: $(DEV) ## Run all but the thorough tests on SQLite, or on TEST_DATABASE_URL
	@$(BIN)/python -m pytest $(ARGS)

check: $(DEV) ## Check everything, as CI does; needs PostgreSQL (TEST_POSTGRES) and Redis (TEST_REDIS)
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python .ci/lock.py
	@$(PIP) check
	@$(BIN)/python -m models.migrations --check
	@$(BIN)/grouproom schema --check
	@env -u TEST_DATABASE_URL -u TEST_BROADCAST_URL $(MAKE) test ARGS='-m "not mutant"'
	@$(BIN)/python .ci/services.py '$(TEST_POSTGRES)' '$(TEST_REDIS)'
	@TEST_DATABASE_URL='$(TEST_POSTGRES)' TEST_BROADCAST_URL='$(TEST_REDIS)' $(MAKE) test ARGS='-m "not mutant"'

mutants: $(DEV) ## Take away one rule of access, or reason of the log, after the other, and see that a test notices; takes minutes
	@$(BIN)/python -m pytest $(addprefix tests/guards/,every_rule_is_needed.py every_record_is_named.py reading) -m mutant -o log_cli=true $(ARGS)

FUZZED := $(addprefix tests/guards/reading/, test_markers.py test_markers_in_what_is_done.py test_members_apart.py)
fuzz: $(DEV) ## Ask, do and follow much more of what is marked: ARGS="--marked 200000 --done 40000 --circles 90"
	@$(BIN)/python -m pytest $(FUZZED) -m "" $(or $(ARGS),--marked 100000 --done 20000 --circles 45)

schema: $(RUN) ## Write what the code says into schema/schema.graphql
	@$(BIN)/grouproom schema > .venv/schema.graphql
	@mv .venv/schema.graphql schema/schema.graphql

migration: $(DEV) ## Write the migration for what changed in models/: make migration NAME=add_waitlist
	@test -n "$(NAME)" || { echo "A migration needs a name: make migration NAME=add_waitlist" >&2; exit 1; }
	@$(BIN)/python -m models.migrations --new $(NAME)
	@$(BIN)/ruff check --quiet --fix models/migrations
	@$(BIN)/ruff format --quiet models/migrations

lock: $(BIN)/python ## Choose the versions for pyproject.toml; newer ones too with ARGS=--upgrade
	@$(PIP) install --only-binary :all: uv==$(UV_VERSION)
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		> .venv/build-system
	@$(COMPILE) .venv/build-system pyproject.toml --output-file requirements.lock
	@$(COMPILE) .venv/build-system pyproject.toml --extra dev --constraints requirements.lock \
		--output-file requirements-dev.lock

$(RUN): requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements.lock)
	@touch $(RUN)

$(DEV): requirements-dev.lock pyproject.toml | $(BIN)/python
	$(call install,requirements-dev.lock)
	@touch $(RUN) $(DEV)

# Wheels only: what a source would ask for while it builds stands in no lock.
define install
	@echo "Installing $(1) into .venv, which takes a moment ..."
	@$(PIP) install --require-hashes --only-binary :all: --requirement $(1)
	@$(PIP) install --no-deps --no-build-isolation --editable .
endef

$(BIN)/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			exec $$python -m venv --clear .venv; \
		fi; \
	done; \
	echo "grouproom needs Python 3.11 or newer: none is on the PATH; name yours with PYTHON=..." >&2; exit 1
