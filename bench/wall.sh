#!/usr/bin/env bash
# Measures what row-level security costs a request, and prints Markdown: the same load by a superuser, whom it does not
# bind, and by a role that owns the tables, whom it does, by turns.
#   cargo build --release --locked && bench/wall.sh
# Needs Node 20, PostgreSQL's programs and psql. CONNECTIONS (16) and SECONDS_EACH (5) change the load, KPIGRAPH_BIN the program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

. bench/lib.sh

measure() {
    local name=$1
    start_service
    printf '\n%s:\n\n' "$name"
    node "$bench/load.mjs" --url "$address" --token "$token" --scenario point --scenario list --scenario kpis \
        --connections "${CONNECTIONS:-16}" --seconds "${SECONDS_EACH:-5}"
    stop_service
}

programs=$(postgres_programs) || { echo "PostgreSQL's programs are not installed" >&2; exit 1; }
start_postgres
super=("${database[@]}")
psql -qh "$scratch/postgres" -U postgres -c 'CREATE ROLE kpigraph LOGIN' -c 'CREATE DATABASE kpigraph OWNER kpigraph'
owner=("--database-url" "postgres://kpigraph@localhost/kpigraph?host=$scratch/postgres")
super[1]=${super[1]/\/postgres\?/\/kpigraph\?}
"$kpigraph" demo --data-dir "$scratch/data" "${owner[@]}" >/dev/null 2>"$scratch/demo.log"
for turn in 1 2; do
    database=("${super[@]}")
    measure "By the superuser, turn $turn"
    database=("${owner[@]}")
    measure "By the owner, turn $turn"
done
