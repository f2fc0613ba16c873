#!/usr/bin/env bash
# Runs the shared suites of protocol, schema, clients, fuzzing and security against the program and adds up what they say.
#   tests/suites.sh                 all of them
#   tests/suites.sh http ws         only these: http ws sse schema clients fuzz security
# KPIGRAPH_SHARED_SUITES  their folder; default: ../shared/suites beside the checkout
# KPIGRAPH_BIN            the program; default: the release build
# SUITES_OPTIONS          further options of every suite, such as '--only x/vary'
# SUITES_KEEP             a folder that keeps results and the service's log
# CI=… or BARS=1          what is missing, or runs nothing, is a failure
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

project=$PWD
suites=${KPIGRAPH_SHARED_SUITES:-../shared/suites}
kpigraph=${KPIGRAPH_BIN:-}
options=()
[[ -z ${SUITES_OPTIONS:-} ]] || read -ra options <<<"$SUITES_OPTIONS"
strict=
[[ -z ${CI:-} && ${BARS:-} != 1 ]] || strict=1
# Security comes last: what it has drunk of the team's allowance nobody else needs.
asked=("$@")
((${#asked[@]})) || asked=(http ws sse schema clients fuzz security)

# What is missing ends the run: with a line, or as a failure where it must not be missing.
missing() {
    printf 'tests/suites.sh: %s\n' "$1"
    [[ -n $strict ]] || exit 0
    fail "it must not be missing here"
}

fail() {
    printf 'tests/suites.sh: %s\n' "$1"
    echo "0 passed, 1 failed"
    exit 1
}

[[ -x $suites/setup ]] || missing "skipped: no suites in $suites"
command -v npm >/dev/null || missing "skipped: npm is not installed"
command -v python3 >/dev/null || missing "skipped: python3 is not installed"
if [[ -z $kpigraph ]]; then
    kpigraph=$(cargo metadata --format-version 1 --no-deps --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/kpigraph
    [[ -x $kpigraph || -z $strict ]] || cargo build --release --locked
fi
[[ -x $kpigraph ]] || missing "skipped: $kpigraph is not built"
kpigraph=$(realpath "$kpigraph")

scratch=$(mktemp -d)
service=
feed=
clean_up() {
    local process
    for process in $feed $service; do
        kill -TERM "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    if [[ -n ${SUITES_KEEP:-} ]]; then
        mkdir -p "$SUITES_KEEP"
        cp -r "$scratch"/results "$scratch"/profile.json "$scratch"/service.log "$SUITES_KEEP" || true
    fi
    rm -rf "$scratch"
}
trap clean_up EXIT
mkdir "$scratch/results"

echo "tests/suites.sh: setting up the suites of $suites"
home=$("$suites/setup")

# The settings of whoever runs this must not reach the service.
unset DATABASE_URL DATABASE_ADMIN_URL OTEL_EXPORTER_OTLP_ENDPOINT "${!KPIGRAPH_@}"
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
url=http://127.0.0.1:$port/graphql
secret=$(node -e 'console.log(require("crypto").randomBytes(32).toString("hex"))')
export KPIGRAPH_DATA_DIR=$scratch/data KPIGRAPH_LISTEN=127.0.0.1:$port KPIGRAPH_LOG_LEVEL=warn
# A list of one issuer, as a company would configure it: neither the development key nor its guards are in use.
export KPIGRAPH_AUTH__ISSUERS='[{"issuer": "https://suites.example/", "audience": "kpigraph", "algorithms": ["HS256"], "secret": "'$secret'"}]'

echo "tests/suites.sh: filling the demo team"
"$kpigraph" demo >/dev/null 2>>"$scratch/service.log"
token=$("$kpigraph" token --team acme --role owner --ttl 12h)
"$home/bin/supervise" --pidfile "$scratch/pid" -- "$kpigraph" serve >>"$scratch/service.log" 2>&1 &
service=$!
for ((tries = 0; tries < 600; tries++)); do
    "$kpigraph" healthcheck --url "http://127.0.0.1:$port" >/dev/null 2>&1 && break
    kill -0 "$service" || break
    sleep 0.2
done
"$kpigraph" healthcheck --url "http://127.0.0.1:$port" >/dev/null || fail "the service did not start: $(tail -n 3 "$scratch/service.log")"
SECRET=$secret TOKEN=$token node tests/suites/prepare.mjs "$url" tests/suites/profile.json "$scratch/profile.json"
cp schema.graphql "$scratch/schema.graphql"

# A figure of the service's memory in kibibytes: VmRSS, or VmHWM, the most since it was last forgotten.
memory() {
    sed -n "s/^$1:[[:space:]]*\([0-9]*\) kB/\1/p" "/proc/$(<"$scratch/pid")/status"
}

for suite in "${asked[@]}"; do
    echo "=== $suite"
    run=("$home/bin/run-$suite" --url "$url" --token "$token" --profile "$scratch/profile.json" --pidfile "$scratch/pid"
        --out "$scratch/results/$suite.json" "${options[@]}")
    case $suite in
    ws | sse)
        run+=(--slow --init-timeout 6000)
        # Subscriptions need something that happens.
        TOKEN=$token node tests/suites/feed.mjs "$url" &
        feed=$!
        ;;
    fuzz)
        # Forty examples of each of the schema's operations, twice, on however slow a machine.
        run+=(--max-seconds 1800)
        export SCHEMATHESIS_HOOKS=$project/tests/suites/schemathesis_hooks.py
        ;;
    security)
        pid=$(<"$scratch/pid")
        before=$(memory VmRSS)
        echo 5 >"/proc/$pid/clear_refs"
        ;;
    esac
    "${run[@]}" || true
    if [[ -n $feed ]]; then
        kill -TERM "$feed" && wait "$feed" || true
        feed=
    fi
    if [[ $suite == security ]]; then
        # What the last attack held goes back within seconds.
        sleep 5
        after=$(memory VmRSS)
        peak=$(memory VmHWM)
        [[ $(<"$scratch/pid") == "$pid" ]] || after=died
        echo "$before $after $peak" >"$scratch/results/memory"
    fi
done

deaths=$(grep -c '^\[supervise\] exit' "$scratch/service.log" || true)
node tests/suites/judge.mjs "$scratch/results" tests/suites/exceptions.txt "$deaths" "${asked[@]}"
