# Every task of the project. `make` alone lists them.
#
# Slow, machine-wide things (tools, Python environments) are kept in CACHE, outside the checkout.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/darkroom
export PATH := $(CACHE)/tools/bin:$(CACHE)/node/node_modules/node/bin:$(PATH)
tools := end2end/scripts/tools.sh
BINARY := target/release/darkroom

# What goes into the browser's files.
BROWSER_SOURCES := $(shell find src style public -type f -not -path 'src/server/*' -not -path 'src/tests/*' -not -path '*/node_modules/*')

.PHONY: bench help run tools build assets dev fmt lint test test-rust test-client test-moving test-replay test-conform test-schema conform test-browser picture lighthouse typing test-old-clients

help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: tools build ## Build everything and start Darkroom with a sample pipeline on http://127.0.0.1:8080
	@exec $(BINARY) serve --demo $(ARGS)

tools: ## Install what building and running need, or tell what to install
	@$(tools) rust wasm node python

build: assets ## Make the release binary target/release/darkroom, complete in itself
	@$(tools) rust
	cargo build --release --features ssr

assets: target/site/manifest.json ## Make what the browser loads (WebAssembly, style, editor) in target/site

target/site/manifest.json: $(BROWSER_SOURCES) Cargo.toml Cargo.lock src/assets/node_modules/.package-lock.json
	@$(tools) rust wasm node
	node src/assets/build.mjs

src/assets/node_modules/.package-lock.json: src/assets/package-lock.json
	@$(tools) node
	npm ci --prefix src/assets --no-audit --no-fund

dev: ## Build, and start the server with the sample pipeline anew, whenever a source changes
	@$(tools) rust wasm node python inotify
	@end2end/scripts/dev.sh $(ARGS)

fmt: ## Format the Rust sources
	cargo fmt

lint: ## Check formatting, and clippy without warnings
	cargo fmt --check
	cargo clippy --all-targets --features ssr -- -D warnings

test: ## Everything: lint, unit and integration tests, real client, replay, conformance, browser
	@end2end/scripts/test.sh

test-rust: ## Unit and integration tests, on SQLite and on PostgreSQL
	@$(tools) rust postgres
	cargo test --features ssr
	end2end/scripts/with_postgres.sh cargo test --features ssr --test integration

test-client: build ## The unmodified zenml client against the release binary
	@$(tools) python postgres containers
	end2end/scripts/with_postgres.sh $$(end2end/scripts/python.sh client) -m pytest -c end2end/pytest.ini end2end/client $(ARGS)

test-moving: build ## The database of a real ZenML server, taken over and compared with the original
	@$(tools) python postgres
	PEER_PYTHON=$$(end2end/scripts/python.sh peer) end2end/scripts/with_postgres.sh $$(end2end/scripts/python.sh client) -m pytest -c end2end/pytest.ini end2end/moving $(ARGS)

test-schema: build ## Requests made from /openapi.json: every answer is described, none is a failure of the server
	@$(tools) python
	$$(end2end/scripts/python.sh schema) -m pytest -c end2end/pytest.ini end2end/schema $(ARGS)

test-old-clients: build ## Login, snapshots and launches with the clients 0.94 and 0.96
	@$(tools) python
	for version in 0.94 0.96; do \
	  $$(end2end/scripts/python.sh client-$$version) -m pytest -c end2end/pytest.ini end2end/client/test_{login,snapshots,launch}.py $(ARGS) || exit 1; \
	done

test-replay: build ## Recorded traffic of a real ZenML server, replayed and compared
	@$(tools) python
	$$(end2end/scripts/python.sh client) -m pytest -c end2end/pytest.ini end2end/replay $(ARGS)

test-conform: build ## The same requests to a ZenML server and to Darkroom, compared; with a part of the filters' values
	@$(tools) python
	$$(end2end/scripts/python.sh client) -m pytest -c end2end/pytest.ini end2end/conform $(ARGS)

conform: build ## The same with every value of every filter, and what was found written into RESULTS.md and README.md
	@$(tools) python
	CONFORM=write $$(end2end/scripts/python.sh client) -m pytest -c end2end/pytest.ini end2end/conform $(ARGS)

test-browser: build end2end/node_modules/.package-lock.json ## The dashboard in Chromium, with and without JavaScript
	@$(tools) node python chromium
	cd end2end && npx tsc -p . && CLIENT_PYTHON=$$(scripts/python.sh client) npx playwright test $(ARGS)

bench: build ## Darkroom beside the stock ZenML server on the same data; writes end2end/bench/BENCHMARKS.md (half an hour)
	@$(tools) python oha
	PEER_PYTHON=$$(end2end/scripts/python.sh peer) $$(end2end/scripts/python.sh client) end2end/bench/bench.py $(ARGS)

lighthouse: build end2end/node_modules/.package-lock.json ## Lighthouse's figures for Home, Snapshots, Runs and Run Details
	@$(tools) node python chromium
	cd end2end && LIGHTHOUSE=1 CLIENT_PYTHON=$$(scripts/python.sh client) npx playwright test lighthouse

typing: build end2end/node_modules/.package-lock.json ## How long a key takes to be seen in a form of 200 parameters, on a slow processor
	@$(tools) node python chromium
	cd end2end && TYPING=1 CLIENT_PYTHON=$$(scripts/python.sh client) npx playwright test typing

picture: build end2end/node_modules/.package-lock.json ## Make the pictures of the README
	@$(tools) node python chromium
	cd end2end && README_PICTURE=1 CLIENT_PYTHON=$$(scripts/python.sh client) npx playwright test picture

end2end/node_modules/.package-lock.json: end2end/package-lock.json
	@$(tools) node
	PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --prefix end2end --no-audit --no-fund
