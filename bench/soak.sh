#!/usr/bin/env bash
# Keeps a release build under mixed load for five minutes, on SQLite and on a private PostgreSQL, and prints Markdown:
#   cargo build --release --locked && bench/soak.sh
# Four teams share the load, each with 98 550 rows of advertising and 50 000 orders, or with the demo. Needs Node 20 and,
# for its half, PostgreSQL's programs. CONNECTIONS (200), PAUSE (5 s after each answer) and SECONDS_EACH (300) change the
# load, KPIGRAPH_BIN the program. Everything it makes lies in a temporary folder and goes with it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

. bench/lib.sh

measure() {
    local team tokens=()
    printf '\n### %s\n\n' "$1"
    rm -rf "$scratch/data"
    "$kpigraph" demo --data-dir "$scratch/data" "${database[@]}" >/dev/null 2>"$scratch/demo.log"
    for team in acme two three four; do
        if [[ $team != acme ]]; then
            "$kpigraph" team create "$team" --currency EUR --data-dir "$scratch/data" "${database[@]}" >/dev/null 2>"$scratch/team.log"
            for format in ad-stats orders; do
                "$kpigraph" import --team "$team" --source bench --format "$format" "$scratch/$format.csv" \
                    --data-dir "$scratch/data" "${database[@]}" >/dev/null 2>"$scratch/import.log"
            done
        fi
        tokens+=(--token "$("$kpigraph" token --team "$team" --role owner --data-dir "$scratch/data" "${database[@]}" 2>"$scratch/token.log")")
    done
    start_service
    node "$bench/soak.mjs" --url "$address" "${tokens[@]}" --pid "$service" \
        --connections "${CONNECTIONS:-200}" --pause "${PAUSE:-5}" --seconds "${SECONDS_EACH:-300}"
    stop_service
}

node "$bench/data.mjs" "$scratch"
measure_both
