# Runs a throw-away PostgreSQL for as long as standard input stays open: the test process holds the other end, so the
# server and its files go when that process ends, however it ends.
#
# $1 is the folder of PostgreSQL's programs. Writes the folder of the server's socket once the server answers; ends with
# the reason on standard error if it cannot run.
set -eu
cd /
programs=$1
folder=$(mktemp -d -t kpigraph-postgres.XXXXXX 2>/dev/null || mktemp -d /tmp/kpigraph-postgres.XXXXXX)

remove() {
    "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap remove EXIT
trap 'exit 1' HUP INT PIPE TERM

# A socket rather than a port: nothing else can take it, and only this user and root can reach it.
"$programs/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1 &&
    "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >/dev/null 2>&1 -o "-k '$folder' \
        -c listen_addresses='' -c max_connections=300 -c shared_buffers=64MB \
        -c fsync=off -c synchronous_commit=off -c full_page_writes=off" || {
    tail -n 5 "$folder/log" >&2
    exit 1
}
echo "$folder"
cat >/dev/null
