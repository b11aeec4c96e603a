# What docker-compose.yml runs, and the image that Istio and Envoy Gateway load:
#
#   docker compose up --build                                      the demo
#   docker build --target plugin -t REGISTRY/proxy-wasm-cors .     the plugin with its licenses
#
# `make dist` makes that image too, without Docker, and the plugin in it is the same bytes.
#
# Images are taken by their digests, as public records have them: for Rust seven repositories that name it beside this tag, for
# Python docker-library/repo-info. Of Envoy 1.40.0 no record was found: that image is taken by its tag. `make pin-images` asks
# the registries and writes the digests of all three. None of them makes what a release has: that is built without Docker.

ARG ENVOY_VERSION=1.40.0

# The plugin, built from the sources, with the Rust that releases are made with: tools and workflows read its version here.
# Bookworm has the wasm-opt that they are made with. Only the demo takes a build of your own, if `make plugin` has made one,
# and asks for that by OWN_BUILD.
FROM rust:1.95.0-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082 AS build
RUN command -v python3 || { apt-get update && apt-get install -y --no-install-recommends python3; }
WORKDIR /checkout
COPY tools/fetch.py tools/wheels.py tools/
RUN python3 tools/fetch.py wasm-target && python3 tools/fetch.py wasm-opt
COPY . .
# `make dist` without make: where it is built leaves no trace in the plugin.
ARG OWN_BUILD=no
RUN own=target/wasm32-wasip1/release/proxy_wasm_cors.wasm; mkdir /image && cp LICENSE /image/ && \
    if test "$OWN_BUILD" = yes && test -f $own; then cp $own /image/plugin.wasm; else \
    python3 tools/dist.py plugin && cp target/dist/proxy_wasm_cors.wasm /image/plugin.wasm && \
    cp target/dist/THIRD-PARTY-LICENSES-plugin.txt /image/THIRD-PARTY-LICENSES; fi && chmod 644 /image/*

# In the layout of <https://github.com/solo-io/wasm/blob/master/spec/spec-compat.md>.
FROM scratch AS plugin
COPY --from=build /image/ ./

# Envoy with envoy/envoy.yaml. In a container the loopback interface is the container's own: Envoy has to listen on all,
# and docker-compose.yml says who may come in. Everything is still found under the names that the file has for it.
FROM envoyproxy/envoy:v${ENVOY_VERSION} AS envoy
WORKDIR /checkout
COPY envoy/envoy.yaml envoy/
COPY --from=build /image/plugin.wasm target/wasm32-wasip1/release/proxy_wasm_cors.wasm
RUN sed -i 's/address: 127.0.0.1, port_value: \(10000\|9901\) /address: 0.0.0.0, port_value: \1 /' envoy/envoy.yaml && \
    test "$(grep -c 'address: 0.0.0.0' envoy/envoy.yaml)" = 2 && \
    chmod -R a+rX .
# The access log is for `docker logs`, and for the dashboard, which shows it. `--output-error`: if the dashboard ends, the
# other goes on.
CMD ["bash", "-c", "exec envoy -c envoy/envoy.yaml --concurrency 1 --file-flush-interval-msec 50 \
  > >(exec tee --output-error=warn >(exec cat > /dev/tcp/127.0.0.1/9002))"]

# The API and the dashboard.
FROM python:3.14-slim@sha256:e11c17f46f87983eb946b121694dedba6290ee2b0dd5294d137d82943502d179 AS demo
WORKDIR /demo
COPY envoy/demo ./
RUN chmod -R a+rX .
USER nobody
# Python asks no signal but this one to end by itself.
STOPSIGNAL SIGINT
