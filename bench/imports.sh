#!/usr/bin/env bash
# Measures imports of large files as jobs, on SQLite and on a private PostgreSQL, and prints Markdown:
#   cargo build --release --locked && bench/imports.sh
# Needs Node 20, curl and, for its half, PostgreSQL's programs. AD_ROWS (1000000) and ORDER_ROWS (500000) change the
# files, KPIGRAPH_BIN the program. Everything it makes lies in a temporary folder and goes with it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

. bench/lib.sh

# Starts a service of its own for one file, so that its peak of memory is that of this import.
start_service() {
    local tries
    address=
    : >"$scratch/out.log"
    "$kpigraph" --listen 127.0.0.1:0 --data-dir "$scratch/data" "${database[@]}" \
        >"$scratch/out.log" 2>"$scratch/err.log" &
    service=$!
    for ((tries = 0; tries < 100; tries++)); do
        address=$(sed -n 's|^API *\(http://.*\)$|\1|p' "$scratch/out.log")
        token=$(grep -m 1 '^ey' "$scratch/out.log") && [[ -n $address ]] && return
        sleep 0.1
    done
    cat "$scratch/err.log" >&2
    exit 1
}

# Uploads a file and waits for the end of its import.
import() {
    local file=$1 mode=$2
    start_service
    node bench/imports.mjs import "$address" "$token" "$scratch/$file.csv" "$mode" "$service"
    kill -TERM "$service"
    wait "$service"
    service=
}

measure() {
    printf '\n### %s\n\n' "$1"
    rm -rf "$scratch/data"
    "$kpigraph" team create bench --currency EUR --data-dir "$scratch/data" "${database[@]}" >/dev/null
    printf '| file | mode | rows | written | seconds | rows per second | peak memory, MB |\n|---|---|--:|--:|--:|--:|--:|\n'
    import ad-stats STAGED
    import ad-stats STAGED
    import orders STAGED
    # The same orders under other ids.
    sed 's/^o-/p-/' "$scratch/orders.csv" >"$scratch/others.csv"
    import others PARTIAL
}

node bench/imports.mjs files "$scratch" "${AD_ROWS:-1000000}" "${ORDER_ROWS:-500000}"
database=()
measure "SQLite"
programs=$(postgres_programs) || programs=
if [[ -n $programs ]]; then
    start_postgres
    measure "PostgreSQL"
else
    printf '\nPostgreSQL was not measured: its programs are not installed.\n'
fi
