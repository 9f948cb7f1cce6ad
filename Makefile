# Écluse. Two commands: `make demo` to see it, `make test` to check it. `make` alone lists the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
MAIL_PORT ?= 8025
LISTEN ?= 127.0.0.1
export PORT MAIL_PORT LISTEN

VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
MANAGE := $(PYTHON) manage.py
WITH_SERVICES := $(PYTHON) -m services run --
CODE := accounts leads scoring funnel nurturing pipeline dashboard capture demo config assets services benchmarks tests manage.py
APPS := accounts leads scoring funnel nurturing pipeline dashboard capture demo

# Steps that were done are remembered by these files.
INSTALLED := $(VENV)/.installed
VENDOR := static/vendor/.collected
MESSAGES := $(VENV)/.messages
STATIC := .data/static/.collected

say = printf '\033[36m%s\033[0m %s\n' '→' "$(1)" >&2
# Run a step quietly; show what it said only when it fails.
quietly = $(call say,$(1)); mkdir -p .data; log=.data/step.$$$$; { $(2); } > $$log 2>&1 || { cat $$log >&2; rm -f $$log; exit 1; }; rm -f $$log

.PHONY: help
help: ## List what can be done
	@printf 'Écluse\n\n'
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | while IFS='	' read -r name what; do \
	  printf '  make %-14s %s\n' "$$name" "$$what"; done
	@printf '\n  PORT=8000 MAIL_PORT=8025 change where the demo listens; DATABASE_URL, REDIS_URL and EMAIL_URL,\n  when set, are used in place of the embedded services.\n'

## —— Using it ——

.PHONY: demo
demo: ## Start everything with demo data on http://127.0.0.1:8000, until Ctrl-C
	@DEMO_BEGUN="$$(date +%s)" ECLUSE_ENV=demo; export DEMO_BEGUN ECLUSE_ENV; \
	 $(MAKE) -s setup assets && exec $(PYTHON) -m services run --end-with-parent -- $(MAKE) -s demo-inside

# Within the services. `exec`, so that signals reach the one process that knows how to stop all.
.PHONY: demo-inside
demo-inside: $(STATIC)
	@$(call say,Bringing the database and the demo data up to date (a minute or two the first time))
	@$(MANAGE) shell --no-imports -c "$$PREPARE_DEMO"
	@$(call say,Starting)
	@exec $(PYTHON) -m services.demo

# One process for the three commands: each start of Django takes a second or two.
define PREPARE_DEMO
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
call_command("load_demo")
with open(".data/demo.txt", "w") as file:
    call_command("demo_credentials", stdout=file)
endef
export PREPARE_DEMO

.PHONY: demo-reset
demo-reset: setup ## Delete the demo's data; the next `make demo` starts afresh
	@$(PYTHON) -m services reset && rm -rf .data/mail .data/log .data/static .data/demo.txt .data/beat-schedule*
	@echo "Gone. \`make demo\` starts afresh."

.PHONY: setup
setup: $(INSTALLED) ## Make .venv with everything pinned in requirements-*.txt

.PHONY: web
web: setup assets ## The pages alone, reloading as the code changes
	@$(MANAGE) runserver $(LISTEN):$(PORT)

.PHONY: worker
worker: setup ## The worker that scores, places, offers and plans
	@$(MANAGE) supervise_worker --queues pipeline

.PHONY: mail
mail: setup ## The worker that sends messages
	@$(MANAGE) supervise_worker --queues mail

.PHONY: jobs
jobs: setup ## The worker for long jobs: imports, webhooks
	@$(MANAGE) supervise_worker --queues jobs

.PHONY: mailsink
mailsink: setup ## A mail server that delivers nothing and shows what it got
	@$(PYTHON) -m services.mailsink

.PHONY: scheduler
scheduler: setup ## The clock that sweeps and keeps the hours
	@$(WITH_SERVICES) $(BIN)/celery --app config beat --loglevel info --pidfile=

.PHONY: shell
shell: setup ## A Python prompt with the models
	@$(MANAGE) shell

.PHONY: migrate
migrate: setup ## Bring the database up to date
	@$(MANAGE) migrate

## —— Checking it ——

.PHONY: test
test: setup assets browser lint ## All checks and all tests, on embedded services
	@$(WITH_SERVICES) $(MAKE) tests-inside

.PHONY: test-system
test-system: setup assets browser ## All tests on the PostgreSQL and Redis of DATABASE_URL and REDIS_URL
	@test -n "$$DATABASE_URL" && test -n "$$REDIS_URL" || { echo "Set DATABASE_URL and REDIS_URL." >&2; exit 2; }
	@$(MAKE) tests-inside

# Embedded Valkey's database 0 is the demo's: the tests take another, so that both can run at once.
.PHONY: tests-inside
tests-inside:
	@case "$$REDIS_URL" in unix:*db=0) REDIS_URL="$${REDIS_URL%0}1"; export REDIS_URL;; esac; \
	 $(call say,Tests); $(PYTHON) -m pytest -p tests.own_redis -q -n $(TEST_PROCESSES) --dist worksteal --create-db --reuse-db $(PYTEST) && \
	 { $(call say,Tests in the browser); $(PYTHON) -m pytest -p tests.own_redis -q -n 2 --dist worksteal -m browser --reuse-db $(PYTEST) tests/browser; }; \
	 outcome=$$?; $(MANAGE) shell --no-imports -c "$$DROP_TEST_DATABASES"; exit $$outcome
# More than a small machine has processors: each waits for PostgreSQL a third of its time.
TEST_PROCESSES ?= 3

# The tests in the browser take over the databases of the others, which saves making them again.
define DROP_TEST_DATABASES
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute(
        "SELECT quote_ident(datname) FROM pg_database WHERE datname LIKE %s",
        [f"test\\_{connection.settings_dict['NAME']}\\_gw%"],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
endef
export DROP_TEST_DATABASES

.PHONY: agreement
agreement: setup ## Compare the two readers of scores on 10,000 random rule sets × leads (`make test`: on 500)
	@$(WITH_SERVICES) env AGREEMENTS=$(AGREEMENTS) $(PYTHON) -m pytest -q tests/scoring/test_readers_agree.py
AGREEMENTS ?= 10000

.PHONY: browser
browser:
	@sh .ci/browser

.PHONY: lint
lint: setup assets ## Check style, types, imports, templates, security, migrations, translations
	@$(call quietly,Style (ruff),$(BIN)/ruff check --quiet $(wildcard $(CODE)) && $(BIN)/ruff format --check --quiet --diff $(wildcard $(CODE)))
	@$(call quietly,Imports (import-linter),$(BIN)/lint-imports)
	@$(call quietly,Types (mypy),$(WITH_SERVICES) $(BIN)/mypy)
	@$(call quietly,Templates (djlint),$(BIN)/djlint --lint --quiet templates)
	@$(call quietly,Security (bandit),$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(wildcard $(APPS) config services assets))
	@$(call quietly,Migrations,$(MANAGE) makemigrations --check --dry-run)
	@$(call quietly,Translations,$(PYTHON) -m assets.messages --check)

.PHONY: fix
fix: setup ## Correct what the tools can correct
	@$(BIN)/ruff check --fix --quiet $(wildcard $(CODE)); $(BIN)/ruff format --quiet $(wildcard $(CODE))

.PHONY: bench
bench: setup ## Measure: NAME=ingest_batch (LEADS= EVENTS= change the size); alone, list what can be measured
	@if [ -n "$(NAME)" ]; then $(WITH_SERVICES) $(PYTHON) -m benchmarks.$(NAME); else $(PYTHON) -m benchmarks; fi

## —— Keeping it ——

.PHONY: assets
assets: $(VENDOR) $(MESSAGES) ## Collect third-party files and compile translations

.PHONY: messages
messages: setup ## Bring locale/fr in line with the texts in code and templates
	@$(PYTHON) -m assets.messages --update

.PHONY: requirements
requirements: setup ## Pin the newest versions that go together
	@for each in requirements requirements-dev requirements-model requirements-embedded requirements-node; do \
	  UV_CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes \
	    --python-version 3.11 --no-emit-index-url --no-emit-find-links $$each.in --output-file $$each.txt; done

## —— What the above needs ——

$(PYTHON):
	@sh .ci/venv $(VENV)

$(INSTALLED): requirements-dev.txt requirements-model.txt requirements-embedded.txt | $(PYTHON)
	@sh .ci/install $(VENV)
	@touch $@

$(VENDOR): package-lock.json assets/files.txt assets/icons.txt assets/collect.py | $(INSTALLED)
	@$(call quietly,Fetching icons and typeface,sh .ci/npm $(VENV))
	@$(call quietly,Collecting them,$(PYTHON) -m assets.collect)
	@touch $@

$(MESSAGES): $(wildcard locale/*/LC_MESSAGES/*.po) assets/messages.py | $(INSTALLED)
	@$(call quietly,Compiling translations,$(PYTHON) -m assets.messages)
	@touch $@

$(STATIC): $(shell find static -type f 2>/dev/null | sed 's/ /\\ /g') $(INSTALLED) $(VENDOR)
	@$(call quietly,Collecting static files,$(MANAGE) collectstatic --noinput --clear)
	@touch $@
