# Undertone's commands. `make help` lists them; everything they need they set up themselves.
PYTHON ?= python3
BIN := .venv/bin
DOCKER ?= docker
export PORT ?= 8000
export NUMBA_CACHE_DIR ?= $(CURDIR)/.cache/numba

.DEFAULT_GOAL := help
.PHONY: help run test check format image audit sbom licences lock samples screenshots clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run.stamp staticfiles/run.stamp .secret-key ## serve the site at http://127.0.0.1:8000 (or PORT)
	@echo "Undertone: http://127.0.0.1:$(PORT)/ (ready in a few seconds; the first time about 20 more)"
	@SECRET_KEY="$$(cat .secret-key)" INSECURE_HTTP=1 exec $(BIN)/gunicorn --bind "127.0.0.1:$(PORT)"

test: .venv/dev.stamp node_modules/dev.stamp ## run every test (set RAVDESS_DIR for those on the real corpus)
	$(BIN)/python -m pytest $(ARGS)

check: .venv/dev.stamp ## lint, types, templates, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint templates --check --quiet
	$(BIN)/lint-imports

format: .venv/dev.stamp ## let the tools tidy the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint templates --reformat --quiet

image: ## build the image `undertone` (needs Docker; DOCKER=podman will do)
	$(DOCKER) build $(if $(findstring podman,$(DOCKER)),--format docker) --tag undertone --build-arg VERSION="$$(git describe --tags --always --dirty)" --build-arg REVISION="$$(git rev-parse HEAD)" .

audit: .venv/dev.stamp ## ask PyPI and npm for known weaknesses in what is pinned
	$(BIN)/python -m supply_chain.audit

sbom: .venv/dev.stamp ## write the bill of materials, reports/sbom.cdx.json (CycloneDX)
	$(BIN)/python -m supply_chain.sbom

licences: .venv/dev.stamp ## list the licences of all dependencies in docs/licences.md
	$(BIN)/python -m supply_chain.licences

lock: ## pin every dependency again, with hashes (needs uv)
	uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --no-emit-index-url --quiet --output-file requirements.txt
	uv pip compile pyproject.toml --all-extras --group dev --universal --generate-hashes --python-version 3.11 --no-emit-index-url --quiet --constraint requirements.txt --output-file requirements-dev.txt

samples: .venv/run.stamp ## synthesise the sample voices again
	$(BIN)/python -m ml.synthesis samples

screenshots: .venv/dev.stamp node_modules/dev.stamp ## take the pictures of the documentation again (needs Chromium)
	DOCS_IMAGES=1 REQUIRE_BROWSER=1 $(BIN)/python -m pytest -q tests/browser/test_screenshots.py

clean: ## remove what the commands made, but for the secret key
	rm -rf .venv node_modules staticfiles .cache screenshots reports

.venv/run.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Undertone needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# Without Node the site still runs, with the browser's own audio element in place of the waveform.
node_modules/run.stamp: package-lock.json
	@if command -v npm >/dev/null; then npm ci --omit=dev --no-audit --no-fund --loglevel=error; else echo "npm is missing: the site runs without the waveform"; mkdir -p node_modules; fi
	@touch $@

node_modules/dev.stamp: package-lock.json
	@if command -v npm >/dev/null; then npm ci --no-audit --no-fund --loglevel=error; else mkdir -p node_modules; fi
	@touch $@ node_modules/run.stamp

staticfiles/run.stamp: .venv/run.stamp node_modules/run.stamp .secret-key $(shell find static -type f)
	@echo "Collecting and compressing static files"
	@SECRET_KEY="$$(cat .secret-key)" INSECURE_HTTP=1 $(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@

.secret-key:
	@umask 077 && $(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))' > $@
