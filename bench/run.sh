#!/usr/bin/env bash
# Measures a release build on SQLite and on a private PostgreSQL, and prints Markdown for docs/performance.md:
#   cargo build --release --locked && bench/run.sh
# Needs Node 20 and, for its half, PostgreSQL's programs. CONNECTIONS (16) and SECONDS_EACH (5) change the load,
# KPIGRAPH_BIN the program. Everything it makes lies in a temporary folder and goes with it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

. bench/lib.sh

# The last line that a command writes to standard error: an import's time and speed.
timed_import() {
    "$kpigraph" import --team acme --source bench --format "$1" "$scratch/$1.csv" \
        --data-dir "$scratch/data" "${database[@]}" 2>&1 >/dev/null | tail -n 1
}

measure() {
    local name=$1
    printf '\n### %s\n\n' "$name"
    rm -rf "$scratch/data"
    "$kpigraph" demo --data-dir "$scratch/data" "${database[@]}" >/dev/null 2>"$scratch/demo.log"
    printf '| import | rows | first time | the same file again |\n|---|--:|---|---|\n'
    local format
    for format in ad-stats orders; do
        printf '| %s | %d | %s | %s |\n' "$format" "$(($(wc -l <"$scratch/$format.csv") - 1))" \
            "$(timed_import "$format")" "$(timed_import "$format")"
    done

    start_service
    printf '\n'
    node "$bench/load.mjs" --url "$address" --token "$token" \
        --connections "${CONNECTIONS:-16}" --seconds "${SECONDS_EACH:-5}"
    printf '\nMost memory: %s MB.\n' "$(awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$service/status")"
    stop_service
}

programs=$(postgres_programs) || programs=
printf 'Machine: %s × %s, %s GB of memory, Linux %s; %s' "$(nproc)" \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" \
    "$(awk '/^MemTotal/ { print int($2 / 1048576 + 0.5) }' /proc/meminfo)" "$(uname -r)" "$("$kpigraph" --version)"
printf ', Node %s%s.\n' "$(node --version)" "${programs:+, $("$programs/postgres" --version)}"
printf '%s connections, %s s each.\n' "${CONNECTIONS:-16}" "${SECONDS_EACH:-5}"

node "$bench/data.mjs" "$scratch"
measure_both
