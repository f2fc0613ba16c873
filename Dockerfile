# syntax=docker/dockerfile:1
# kpigraph in a container: GraphiQL's page, the program, and the smallest system that runs it.
# Build: docker build -t kpigraph .

ARG RUST_VERSION=1.95
ARG DEBIAN_RELEASE=bookworm

# GraphiQL's page, which the program embeds.
FROM node:20-slim AS web
WORKDIR /web
COPY web/package.json web/package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY web/ ./
RUN npm run build

# cargo-chef compiles the dependencies in a layer of their own, which stays cached while only kpigraph's code changes.
FROM rust:${RUST_VERSION}-${DEBIAN_RELEASE} AS chef
RUN cargo install cargo-chef --locked --version 0.1.78
WORKDIR /build
# The page comes from the stage above, not from npm in the build script.
ENV KPIGRAPH_SKIP_WEB=1

FROM chef AS planner
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM chef AS build
COPY --from=planner /build/recipe.json recipe.json
RUN cargo chef cook --release --locked --recipe-path recipe.json
COPY . .
COPY --from=web /web/dist web/dist
# Debug information stays out of the image; the layer with the dependencies keeps the profile's settings.
RUN cargo build --release --locked --bin kpigraph \
    && objcopy --strip-debug target/release/kpigraph /kpigraph

FROM debian:${DEBIAN_RELEASE}-slim AS runtime
# Certificates for https key sets of token issuers and for databases behind TLS.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 kpigraph \
    && useradd --system --uid 10001 --gid kpigraph --no-create-home --home-dir /data kpigraph \
    && install --directory --owner=kpigraph --group=kpigraph --mode=0700 /data
COPY --from=build /kpigraph /usr/local/bin/kpigraph
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV KPIGRAPH_DATA_DIR=/data
# KPIGRAPH_LISTEN stays at its default, loopback: beyond it, token issuers must be configured. compose.yaml does both.
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 \
    CMD ["kpigraph", "healthcheck", "--url", "http://127.0.0.1:8080"]
ENTRYPOINT ["kpigraph"]
