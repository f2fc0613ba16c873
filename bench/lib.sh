# What the measurements share: the program, a temporary folder that goes in the end, a private PostgreSQL. To be sourced
# in the project's folder.
bench=$PWD/bench
kpigraph=$(realpath "${KPIGRAPH_BIN:-${CARGO_TARGET_DIR:-target}/release/kpigraph}")
[[ -x $kpigraph ]] || { echo "there is no $kpigraph: cargo build --release --locked" >&2; exit 1; }
unset DATABASE_URL DATABASE_ADMIN_URL OTEL_EXPORTER_OTLP_ENDPOINT "${!KPIGRAPH_@}"

scratch=$(mktemp -d)
# PostgreSQL may run as another user.
chmod 711 "$scratch"
service=
postgres=()
clean_up() {
    [[ -z $service ]] || kill -KILL "$service" 2>/dev/null || true
    ((${#postgres[@]} == 0)) || "${postgres[@]}" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$scratch"
}
trap clean_up EXIT

postgres_programs() {
    local folder
    for folder in ${PATH//:/ } /usr/lib/postgresql/*/bin; do
        if [[ -x $folder/initdb && -x $folder/pg_ctl ]]; then
            echo "$folder"
            return
        fi
    done
    return 1
}

# Starts a server with default settings, under which a commit is on disk. Its own database is empty and will do.
start_postgres() {
    local folder=$scratch/postgres as=()
    mkdir "$folder"
    if [[ $(id -u) -eq 0 ]]; then
        as=(runuser -u postgres --)
        chown postgres "$folder"
    fi
    (cd / && "${as[@]}" "$programs/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C) >"$scratch/initdb.log"
    postgres=("${as[@]}" "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w)
    (cd / && "${postgres[@]}" -o "-k '$folder' -c listen_addresses=''" start) >/dev/null
    database=("--database-url" "postgres://postgres@localhost/postgres?host=$folder")
}

# Starts a service on any port and waits until it serves: `address`, `token` and `service` tell of it.
start_service() {
    local tries
    address=
    : >"$scratch/out.log"
    "$kpigraph" --listen 127.0.0.1:0 --data-dir "$scratch/data" "${database[@]}" >"$scratch/out.log" 2>"$scratch/err.log" &
    service=$!
    for ((tries = 0; tries < 100; tries++)); do
        address=$(sed -n 's|^API *\(http://.*\)/graphql$|\1|p' "$scratch/out.log")
        token=$(grep -m 1 '^ey' "$scratch/out.log") && "$kpigraph" healthcheck --url "$address" >/dev/null && return
        sleep 0.1
    done
    cat "$scratch/err.log" >&2
    exit 1
}

stop_service() {
    kill -TERM "$service"
    wait "$service"
    service=
}

# Calls `measure` with the name of each database: SQLite, and PostgreSQL where its programs are.
measure_both() {
    database=()
    measure "SQLite"
    if programs=$(postgres_programs); then
        start_postgres
        measure "PostgreSQL"
    else
        printf '\nPostgreSQL was not measured: its programs are not installed.\n'
    fi
}
