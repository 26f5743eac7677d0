# `make` alone prints the targets. `make demo` and `make test` are all that a newcomer needs.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BIN := bin/vaultreport
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
# Nothing loads the program as a library: without its symbols for that the linker can leave out what nobody calls, 7 MB of it.
LDFLAGS := -linkmode external -extldflags "-Wl,--no-export-dynamic -Wl,--gc-sections"
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
TESTFLAGS ?= -timeout 20m
# Packages whose tests run whole nights, hundreds of them: most of their time is DuckDB's, which the race detector cannot see.
# go test starts packages in this order: the longest first, so that none of them is left over at the end.
NIGHTS := vaultreport/transform/reference vaultreport/scheduler vaultreport/cmd/vaultreport
# Of the others, those that take longest, for the same reason.
LONG := vaultreport/transform vaultreport/transform/alarm vaultreport/extract/postgres vaultreport/internal/bench vaultreport/reports

# install PACKAGE when none of COMMANDS is there: $(call need,COMMANDS,PACKAGE)
define need
@command -v $(1) >/dev/null || { echo "installing $(2)"; $(SUDO) apt-get update -qq; $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(2) >/dev/null; }
endef

.PHONY: help
help: ## print the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.PHONY: build
build: compiler ## build bin/vaultreport
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/vaultreport

.PHONY: demo
demo: build ## build, run the nightly job on the embedded sample, and say where the report is
	$(BIN) run

.PHONY: test
test: compiler browser postgres ## install what the tests need, and run them all; whole nights without the race detector
	go test -race $(TESTFLAGS) $(LONG) $$(go list ./... | grep -vxF "$$(printf '%s\n' $(NIGHTS))")
	go test $(TESTFLAGS) $(NIGHTS)

.PHONY: lint
lint: compiler ## formatting, go vet, staticcheck
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "not formatted, run gofmt -w: $$unformatted"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...

.PHONY: check
check: lint test demo ## what a reviewer runs

.PHONY: fuzz
fuzz: ## fuzz each parser for FUZZTIME (30s)
	@for package in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
	    echo "$$package $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $${FUZZTIME:-30s} $$package; \
	  done; \
	done

.PHONY: soak
soak: compiler ## hold models and alarms against the reference over SOAK (2000) other random worlds than those of the tests; two runs at once, 50 times; a delivery in 20 portions
	VAULTREPORT_PORTIONS=20 go test -timeout 0 -count 1 -run TestADeliveryInPortions ./scheduler
	VAULTREPORT_OVERLAPS=50 go test -timeout 0 -count 1 -run TestOfTwoRunsAtOnce ./cmd/vaultreport
	VAULTREPORT_SOAK=$${SOAK:-2000} go test -timeout 0 -count 1 -run 'TestModelsAgree|TestTheOrderOfArrival|TestAlarmsAgree' ./transform/reference

.PHONY: bench
bench: build postgres ## hold the program against the bars of docs/performance.md, in most of an hour; BENCHFLAGS="-o markdown -sections A" for docs/benchmarks.md
	go run ./internal/bench $(BENCHFLAGS)

.PHONY: clean
clean: ## remove what the targets built
	rm -rf bin

.PHONY: compiler browser postgres
compiler: # DuckDB is C++: linking it needs the library of g++
	$(call need,g++,g++)

browser: # the report is opened in a real one
	$(call need,chromium,chromium)

postgres: # tables are read from a real one, which the tests start; Debian keeps its programs out of PATH
	$(call need,initdb /usr/lib/postgresql/*/bin/initdb,postgresql)
