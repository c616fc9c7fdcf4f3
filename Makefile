.DEFAULT_GOAL := help
.PHONY: help run demo replay audit check types lint formatted boundaries unused test test/unit test/contract test/conformance test/integration test/e2e test/chaos test/long test/server mutants bench build broker clean format

help:                                      ## print the targets
	@grep -hE '^[a-z/-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ split($$1, t, ":"); printf "%-18s %s\n", t[1], $$2 }'

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

BUILT := dist/.built
SOURCES := tools/build.mjs tools/build-console.mjs $(shell find domain commands projections processes api infra embedded packages cli demo bench -name '*.ts' 2>/dev/null) \
	$(shell find console -type f -not -name '*.md' 2>/dev/null)
$(BUILT): node_modules/.package-lock.json tsconfig.json $(SOURCES)
	npm run --silent build
	@touch $@

run: $(BUILT) broker                       ## embedded servers and all processes; Ctrl-C stops all of it
	@exec node dist/processes/main.js

demo: $(BUILT) broker                      ## the main job in about a minute, on a stack of its own
	@exec node dist/demo/main.js

replay: $(BUILT)                           ## rebuild the read models of the running stack: make replay ARGS=--dry-run
	@exec node --max-semi-space-size=32 --single-threaded-gc dist/cli/main.js replay $(ARGS)

audit: $(BUILT)                            ## hold the running stack's log against every promise and its seals
	@exec node --max-semi-space-size=32 --single-threaded-gc dist/cli/main.js audit verify --seal $(ARGS)

check: node_modules/.package-lock.json     ## all that must be green before a commit
	$(MAKE) --jobs=2 --output-sync=target lint types formatted boundaries unused build
	$(MAKE) test

types: node_modules/.package-lock.json     ## type-check everything
	npm run --silent typecheck

lint: node_modules/.package-lock.json      ## Oxlint with types
	npm run --silent lint

formatted: node_modules/.package-lock.json ## whether Oxfmt would write it so
	npm run --silent formatted

boundaries: node_modules/.package-lock.json ## who may import whom
	npm run --silent boundaries

unused: node_modules/.package-lock.json    ## unused files, exports and packages
	npm run --silent unused

test: $(BUILT) broker                      ## all tests: unit, contract, conformance, integration, e2e, chaos
	npm test --silent

test/unit test/contract test/conformance test/integration test/e2e test/chaos: $(BUILT) broker ## one folder of tests
	npm test --silent -- --selectProjects $(notdir $@)

test/long: $(BUILT) broker                  ## chaos with each fault at each place and for its full time, and the tests with more rounds or jobs: half an hour
	TEST_LONG=1 npm test --silent -- --testPathIgnorePatterns test/e2e/console --testPathPatterns test/chaos test/e2e $$(grep -rl --include=*.test.ts support/rounds test/integration test/unit)

test/server: $(BUILT) broker               ## conformance, main job, replay, verify, chaos on the event store at TEST_EVENTSTORE_URL
	@test -n "$$TEST_EVENTSTORE_URL" || { echo 'which one? give TEST_EVENTSTORE_URL=esdb://… (docs/eventstore.md)' >&2; exit 2; }
	npx jest packages/eventstore/test/conformance
	npx jest test/e2e/users -t '^(scheduling|a list|who sees what|history|an idempotency key|If-Match)'
	npx jest test/e2e/operators -t '^(replay|beside a system|what was broken)'
	npx jest test/chaos/one-of-each -t '^every accepted job'

mutants: node_modules/.package-lock.json    ## damage the code, see whether unit tests notice: make mutants ARGS=domain/job
	MUTANTS="$(ARGS)" npx stryker run

# the words behind it are rows, not targets
ifeq (bench,$(firstword $(MAKECMDGOALS)))
ROWS := $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS))
ifneq (,$(ROWS))
.PHONY: $(ROWS)
$(ROWS): bench ; @:
endif
endif

bench: $(BUILT) broker                     ## one JSON line per measurement, also in bench/results/: make bench strangers
	@exec node --max-semi-space-size=32 --single-threaded-gc dist/bench/main.js $(ARGS) $(ROWS)

build: $(BUILT)                            ## compile to dist/

broker: $(BUILT)
	@node dist/embedded/install-nats.js

format: node_modules/.package-lock.json    ## let Oxfmt write
	npx oxfmt .

clean:                                     ## remove what was built
	rm -rf dist coverage
