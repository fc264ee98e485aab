# Every target explains itself: make help.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup fonts run build test fuzz soak faults bench lint fmt clean

# Extra words for `make run`, for example: make run ARGS="--listen 127.0.0.1:9000 --speed 10"
ARGS ?=

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## fetch what a run needs (the fonts); needs no root
	@scripts/setup.sh

run: setup ## start the demo at http://localhost:8080
	@go run ./cmd/vez serve --demo $(ARGS)

build: ## build bin/vez
	@mkdir -p bin
	go build -trimpath -o bin/vez ./cmd/vez

test: ## every test: format, lint, fuzz, seeds, browser, paper, race (installs what it needs)
	@scripts/test.sh

fuzz: ## hours of every fuzz target, 10 min each; FUZZTIME=1h longer, FUZZ='Restore|ledger' these only
	@FUZZTIME=$${FUZZTIME:-10m} scripts/fuzz.sh

soak: ## hours of random schedules, histories and crashes; SOAK=10 for ten times as much
	@scripts/soak.sh $(ARGS)

faults: ## the fault suite 20 times in a row; RUNS=3 fewer
	@scripts/faults.sh

bench: build ## measure: Go benchmarks, then the promises of speed
	@scripts/bench.sh $(ARGS)

lint: ## golangci-lint, built once at its pinned version
	@scripts/lint.sh $(ARGS)

fmt: ## format every Go file
	@gofmt -l -w $$(git ls-files '*.go')

fonts: ## put the fonts of paper and boards into fonts/
	@scripts/fonts.sh

clean: ## remove what was built and fetched
	rm -rf bin fonts .tools
