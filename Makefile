# Scripta: `make run` is all that a fresh machine with Python 3.11 needs. `make help` lists the rest.
# Settings come from the environment, for example: SCRIPTA_PORT=9000 SCRIPTA_DATA=/srv/scripta make run

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
ARGS ?=
# Two at once: each may run a model, a browser and a server of its own.
PROCESSES ?= 2

.PHONY: help run test lint bench clean messages models screenshots
.DEFAULT_GOAL := help

help:  ## show this list
	@grep -hE '^[a-z.]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv: .venv/.installed  ## make the virtual environment and install what Scripta needs

run: .venv  ## run Scripta (options of `manage.py serve` in ARGS)
	@exec $(BIN)/python manage.py serve $(ARGS)

# The Chromium without a window, if there is one: a page is opened in half the time.
test: export CHROMIUM ?= $(shell command -v chromium-headless-shell 2> /dev/null)
test: .venv/.tested models  ## run all tests (options of pytest in ARGS)
	@exec $(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: .venv/.tested  ## check style, types, layers, templates and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy accounts config transcription manage.py
	$(BIN)/lint-imports
	$(BIN)/djade --check $$(git ls-files 'templates/*.html')
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

# RECORDINGS="…" adds the comparison of speed: several minutes of speech, with a manifest.jsonl beside them.
# STREAMS="…" adds live captions: a minute or more of speech each, with a JSON of text and words beside it.
# TALK="…" adds twenty minutes of these recordings spoken live, SILENCE="…" recordings in which nobody speaks.
# LONGFORM="…" adds what a search finds first, and the texts of the long transcript: a folder with a manifest.jsonl.
# PEER="--peer-url ws://… --peer-pid …" measures a running WhisperLiveKit in turn.
bench: .venv/.tested models  ## measure faults, memory, pages, editor and speed at full size (hours)
	$(BIN)/python manage.py benchmark faults
	$(BIN)/python manage.py benchmark memory
	$(BIN)/python manage.py benchmark memory-web
	$(BIN)/python manage.py benchmark pages
	$(BIN)/python manage.py benchmark edit-faults
	$(BIN)/python manage.py benchmark editor $(if $(LONGFORM),--longform $(LONGFORM))
	$(BIN)/python manage.py benchmark live-faults
	$(BIN)/python manage.py benchmark live-load
	$(BIN)/python manage.py benchmark live-talk
	$(BIN)/python manage.py benchmark search
	$(BIN)/python manage.py benchmark openai
	$(BIN)/python manage.py benchmark live-silence $(SILENCE)
	test -z "$(LONGFORM)" || $(BIN)/python manage.py benchmark search --longform $(LONGFORM)
	test -z "$(RECORDINGS)" || $(BIN)/python manage.py benchmark speed $(RECORDINGS)
	test -z "$(STREAMS)" || $(BIN)/python manage.py benchmark live $(STREAMS) $(PEER)
	test -z "$(TALK)" || $(BIN)/python manage.py benchmark live-talk --hours 0 --real 20 --speech $(TALK)

messages: .venv/.tested  ## bring the catalogues of translations up to date (config/locale)
	$(BIN)/python manage.py update_messages

screenshots: .venv/.tested models  ## draw the pages into docs/screenshots
	$(BIN)/python -m tests.browser.screenshots $(RECORDINGS)

clean:  ## remove everything made by the targets above, except the data folder
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './data/*' -prune -exec rm -rf {} +

# The models that tests and measurements run; fetched once, into SCRIPTA_MODELS.
models: .venv
	@$(BIN)/python manage.py fetch_model base

# A stamp, because an installation that was interrupted leaves a folder that looks complete. openai-whisper comes last
# and without its dependencies, which are listed: the only one left out is triton, 1 GB that a CPU does not use.
.venv/.installed: requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Name another: make PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; echo "On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing what Scripta needs into .venv (a few minutes, once)"
	@grep -v '^openai-whisper' requirements.txt | $(PIP) -r /dev/stdin
	@$(PIP) --no-deps $$(grep -o '^openai-whisper[^ ]*' requirements.txt)
	@touch $@

.venv/.tested: tests/requirements.txt .venv/.installed
	@$(PIP) -r tests/requirements.txt
	@touch $@
