# Everything a developer or an operator needs. `make run` is all a new machine takes.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run setup setup-dev test check fix messages understanding bench chaos lock clean

run: setup
	$(BIN)/rewang serve

setup: $(VENV)/.installed

setup-dev: $(VENV)/.installed-dev

$(VENV)/.installed: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

test: setup-dev
	$(BIN)/python -m pytest -n 4

check: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/vulture
	$(BIN)/python -m tests.check_messages
	$(BIN)/rewang content check

fix: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Interface texts: extract, then bring both catalogues up to date; new ones are empty until translated.
messages: setup-dev
	$(BIN)/pybabel -q extract -F locales/babel.cfg -k N_ --no-location --sort-output --omit-header -o locales/messages.pot .
	for language in id jv; do \
	  catalogue=locales/$$language/LC_MESSAGES/messages.po; \
	  header=$$(sed '/^$$/q' $$catalogue); \
	  $(BIN)/pybabel -q update --no-fuzzy-matching --no-wrap --ignore-obsolete --omit-header -l $$language \
	    -i locales/messages.pot -o $$catalogue; \
	  { printf '%s\n\n' "$$header"; printf '%s\n' "$$(cat $$catalogue)"; } > $$catalogue.new && mv $$catalogue.new $$catalogue; \
	done

# Learn flows/weights.json anew, after a change of vocabulary.yaml or tests/understand/train.csv, and show what it gives.
understanding: setup-dev
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-learn.lock
	$(BIN)/python -m tests.understand.fit
	$(BIN)/rewang understand --eval tests/understand/dev.csv

bench: setup-dev
	$(BIN)/python -m benchmarks

chaos: setup-dev
	$(BIN)/python -m pytest tests/e2e/test_chaos.py --chaos-rounds 20 --timeout 3600
	$(BIN)/python -m pytest tests/e2e/test_bulk_chaos.py --chaos-rounds 1 --timeout 3600 -o log_cli=true -o log_cli_level=INFO

lock: setup-dev
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-options --no-header \
	  --strip-extras --allow-unsafe --extra build -o requirements.lock pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-options --no-header \
	  --strip-extras --allow-unsafe --extra build --extra dev -o requirements-dev.lock pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-options --no-header \
	  --strip-extras --allow-unsafe --extra build --extra learn -o requirements-learn.lock pyproject.toml

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .import_linter_cache
