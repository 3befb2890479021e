# The verbs of this package; `make` alone lists them. Tests that need root make network namespaces of their own.

SWIFT ?= swift
# Programs that users run: without the runtime's shared libraries they start faster and use less memory.
RELEASE := -c release --static-swift-stdlib
LINTED := Sources Tests Package.swift
# Test suites that play with random input have names that end in Fuzz.
FAIRLEAD_FUZZ_ROUNDS ?= 1000000
# How long libFuzzer plays with each format of manifest.
FUZZ_SECONDS ?= 60
# How many connections the clients of a storm open.
FAIRLEAD_STORM_CONNECTIONS ?= 20000
ASSERT ?= 0
# Whether bench-check writes what it counts in place of comparing it.
RENEW ?= 0
# Where bench and bench-full leave raw results and their report.
BENCH_DIR ?= .build/bench

# Tests that reach the kernel, and those that run the programs.
KERNEL_TESTS := NetfilterKernelTests|AgentEndToEndTests

AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo env "PATH=$$PATH")

.DEFAULT_GOAL := help
.PHONY: help setup build release test test-kernel check fmt demo bench bench-full bench-sync bench-connect \
	bench-http bench-check fuzz tsan asan storm clean

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the Debian packages that are missing
	@.ci/setup

build: setup ## build everything for debugging
	$(SWIFT) build --build-tests

release: setup ## build the programs for use, in .build/release
	$(SWIFT) build $(RELEASE)

test: setup ## run every test; those that need root are skipped without it
	$(SWIFT) test

test-kernel: setup ## run the tests that need root and network namespaces
	$(SWIFT) build --build-tests
	$(AS_ROOT) $(SWIFT) test --skip-build --filter '$(KERNEL_TESTS)'

check: ## say where the format differs from the rules
	$(SWIFT) format lint --strict -r $(LINTED)

fmt: ## bring the format into line with the rules
	$(SWIFT) format -i -r $(LINTED)

demo: setup ## show Services and Ingresses work on this machine without a cluster; ASSERT=1 checks every step
	$(SWIFT) build $(RELEASE) --product fairlead-agent
	$(SWIFT) build $(RELEASE) --product fairlead-gateway
	$(SWIFT) build $(RELEASE) --product fairlead-echo
	$(AS_ROOT) env ASSERT=$(ASSERT) FAIRLEAD_BIN_DIR="$$($(SWIFT) build $(RELEASE) --show-bin-path)" configs/demo/run.sh

bench: ## run a short choice of all benches, minutes, and draw the report: BENCH_DIR says where
	@.ci/setup wrk gnuplot-nox
	$(SWIFT) build $(RELEASE) --product fairlead-gateway
	$(SWIFT) build $(RELEASE) --product fairlead-bench
	$(AS_ROOT) Benchmarks/all short "$$($(SWIFT) build $(RELEASE) --show-bin-path)/fairlead-bench" $(BENCH_DIR)

bench-full: ## run everything that the benches measure, an hour or more, and draw the report
	@.ci/setup wrk gnuplot-nox
	$(SWIFT) build $(RELEASE) --product fairlead-gateway
	$(SWIFT) build $(RELEASE) --product fairlead-bench
	$(AS_ROOT) Benchmarks/all full "$$($(SWIFT) build $(RELEASE) --show-bin-path)/fairlead-bench" $(BENCH_DIR)

bench-sync: setup ## measure how fast changes reach the kernel, beside kube-proxy's ways
	$(SWIFT) build $(RELEASE) --product fairlead-bench
	$(AS_ROOT) "$$($(SWIFT) build $(RELEASE) --show-bin-path)/fairlead-bench" sync

bench-connect: setup ## measure what the rules add to a new connection, beside kube-proxy's
	$(SWIFT) build $(RELEASE) --product fairlead-bench
	$(AS_ROOT) "$$($(SWIFT) build $(RELEASE) --show-bin-path)/fairlead-bench" connect

bench-http: ## measure what requests cost, beside those of nginx, haproxy, caddy and varnish that are installed
	@.ci/setup wrk
	$(SWIFT) build $(RELEASE) --product fairlead-gateway
	$(SWIFT) build $(RELEASE) --product fairlead-bench
	$(AS_ROOT) "$$($(SWIFT) build $(RELEASE) --show-bin-path)/fairlead-bench" http

bench-check: ## count what units of work take and compare it with what was committed; RENEW=1 writes it anew
	@.ci/setup valgrind binutils
	$(SWIFT) build $(RELEASE) --product fairlead-gateway
	$(SWIFT) build $(RELEASE) --product fairlead-echo
	env FAIRLEAD_BIN_DIR="$$($(SWIFT) build $(RELEASE) --show-bin-path)" Benchmarks/Guards/run $(if $(filter 1,$(RENEW)),--renew)

fuzz: setup ## feed random input to the parsers; FUZZ_SECONDS and FAIRLEAD_FUZZ_ROUNDS say how much
	Tests/Fuzz/run $(FUZZ_SECONDS)
	FAIRLEAD_FUZZ_ROUNDS=$(FAIRLEAD_FUZZ_ROUNDS) $(SWIFT) test --filter Fuzz

tsan: setup ## run the tests under the thread sanitizer
	$(SWIFT) test --sanitize thread --scratch-path .build/tsan

# Leaks are not looked for: the runtime's own metadata look like some, and the tests count what a worker holds.
asan: setup ## run the tests of what lies near memory under the address sanitizer
	env ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test --sanitize address --scratch-path .build/asan \
		--filter '^(ByteBuffersTests|EventIOTests|GatewayTests|HTTPWireTests|TLSTests)\.'

storm: setup ## play a storm of clients and endpoints at a worker; FAIRLEAD_STORM_CONNECTIONS says how long
	env FAIRLEAD_STORM_CONNECTIONS=$(FAIRLEAD_STORM_CONNECTIONS) $(SWIFT) test --filter 'in a storm'

clean: ## remove what was built
	$(SWIFT) package clean
	rm -rf .build/tsan .build/asan
