#!/usr/bin/env bash
# Measures imports of large files as jobs, on SQLite and on a private PostgreSQL, and prints Markdown:
#   cargo build --release --locked && bench/imports.sh
# Needs Node 20, curl and, for its half, PostgreSQL's programs. AD_ROWS (1000000) and ORDER_ROWS (500000) change the
# files, KPIGRAPH_BIN the program. Everything it makes lies in a temporary folder and goes with it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

. bench/lib.sh

# Uploads a file and waits for the end of its import, by a service of its own, so that the peak of memory is its own.
import() {
    local file=$1 mode=$2
    start_service
    node bench/imports.mjs import "$address/graphql" "$token" "$scratch/$file.csv" "$mode" "$service"
    stop_service
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
measure_both
