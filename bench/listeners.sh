#!/usr/bin/env bash
# Has five clients listen to customers' stages beside two hundred who stop reading, on SQLite and on a private PostgreSQL,
# and prints Markdown:
#   cargo build --release --locked && bench/listeners.sh
# Needs Node 20 and, for its half, PostgreSQL's programs. STOPPED (200) changes who stops, KPIGRAPH_BIN the program.
# Everything it makes lies in a temporary folder and goes with it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

. bench/lib.sh

measure() {
    rm -rf "$scratch/data"
    "$kpigraph" demo --data-dir "$scratch/data" "${database[@]}" >/dev/null 2>"$scratch/demo.log"
    start_service
    printf '| %s ' "$1"
    node "$bench/listeners.mjs" --url "$address" --token "$token" --pid "$service" --stopped "${STOPPED:-200}"
    stop_service
}

printf '| database | events/s | p50 ms | p99 ms | latest ms | closed | memory |\n|---|--:|--:|--:|--:|--:|--:|\n'
measure_both
