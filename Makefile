# make alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
IMAGE ?= jiamenkou:$(VERSION)
FUZZTIME ?= 4s
# Packages tested at a time: each may run a MariaDB and a Redis of its own.
TEST_PARALLEL ?= 2

# The race detector looks at everything but SQLite itself, which is C translated to Go: nothing in it is shared between
# connections, and to watch each of its reads takes as long as all the rest of the tests that use it.
RACE := -race -gcflags=github.com/ncruces/go-sqlite3-wasm/...=-race=false

GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK := go run golang.org/x/vuln/cmd/govulncheck@v1.9.0
export GOVULNCHECK

APIDOCS := web/apidocs
APIDOCS_SOURCES := $(wildcard $(APIDOCS)/src/* $(APIDOCS)/*.mjs $(APIDOCS)/package*.json $(APIDOCS)/.npmrc)
APIDOCS_BUILT := $(APIDOCS)/dist/index.html

CONSOLE := web/console
CONSOLE_SOURCES := $(shell find $(CONSOLE)/src -type f -not -name schema.d.ts 2>/dev/null) \
	$(wildcard $(CONSOLE)/*.html $(CONSOLE)/*.ts $(CONSOLE)/*.mjs $(CONSOLE)/tsconfig*.json) docs/openapi.json
CONSOLE_MODULES := $(CONSOLE)/node_modules/.package-lock.json
CONSOLE_BUILT := $(CONSOLE)/dist/index.html

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: web ## build bin/jiamenkou: one static program with the pages inside
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/jiamenkou ./app

.PHONY: run
run: build ## build and start on the embedded default; needs Go and Node.js only
	./bin/jiamenkou serve

.PHONY: web
web: $(APIDOCS_BUILT) $(CONSOLE_BUILT) ## build the pages, where their sources have changed

# npm ci can leave the old modules behind when it fails, so the page is the stamp.
$(APIDOCS_BUILT): $(APIDOCS_SOURCES)
	cd $(APIDOCS) && npm ci --no-audit --no-fund && npm run build
	@touch $@

$(CONSOLE_MODULES): $(CONSOLE)/package.json $(CONSOLE)/package-lock.json $(CONSOLE)/.npmrc
	cd $(CONSOLE) && npm ci --no-audit --no-fund
	@touch $@

# Says what a browser loads first, and fails above the limit.
$(CONSOLE_BUILT): $(CONSOLE_SOURCES) $(CONSOLE_MODULES)
	cd $(CONSOLE) && npm run build
	@touch $@

# The console's pages are opened in a browser by TestConsole in app/, which runs Playwright.
.PHONY: test
test: services web ## run every test, on private databases, in a browser, and each fuzz target for a moment
	cd $(CONSOLE) && npm test
	CGO_ENABLED=1 go test $(RACE) -timeout 50m -p $(TEST_PARALLEL) ./...
	scripts/fuzz.sh $(FUZZTIME)

.PHONY: test-short
test-short: services ## run the quick tests only, for use while writing
	CGO_ENABLED=1 go test $(RACE) -short -timeout 5m -p $(TEST_PARALLEL) ./...

.PHONY: services
services: ## make sure MariaDB, Redis, Chromium, xz and gcc are there for tests and checks (starts none)
	scripts/ensure-test-services.sh

.PHONY: lint
lint: services $(CONSOLE_MODULES) ## check the format, go vet, golangci-lint, known vulnerabilities; the console's ESLint and types
	@unformatted="$$(find . -name '*.go' -not -path '*/node_modules/*' -print0 | xargs -0r gofmt -l)"; \
	if [ -n "$$unformatted" ]; then printf 'gofmt -w these files:\n%s\n' "$$unformatted"; exit 1; fi
	go vet ./...
	$(GOLANGCI_LINT) run ./...
	scripts/vulncheck.sh
	cd $(CONSOLE) && npm run check

.PHONY: fuzz
fuzz: ## run each fuzz target for a minute (FUZZTIME=10m for longer)
	scripts/fuzz.sh $(if $(filter file,$(origin FUZZTIME)),1m,$(FUZZTIME))

.PHONY: openapi
openapi: ## write docs/openapi.json anew, after a change to the API
	go run ./app openapi > docs/openapi.json

.PHONY: bench
bench: services web ## measure speed and cost beside bare counterparts, as ratios
	go run ./bench

.PHONY: screenshots
screenshots: web ## take the pictures in docs/screenshots anew
	CONSOLE_SCREENSHOTS=1 go test ./app -run TestConsole -count 1

.PHONY: image
image: ## build the container image (IMAGE=name:tag)
	docker build --build-arg VERSION=$(VERSION) -t $(IMAGE) .

.PHONY: clean
clean: ## remove what was built; keeps data/
	rm -rf bin $(APIDOCS)/node_modules $(CONSOLE)/node_modules $(CONSOLE)/e2e/results
	find web -path '*/dist/*' -not -name .gitkeep -not -path '*/node_modules/*' -delete
