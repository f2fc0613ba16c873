# shellcheck shell=bash disable=SC2154
# What both synchronisations share: batches of rows for kpigraph, watermarks, requests that are tried again.
# Sourced by them; they set `source`.
set -euo pipefail

operations=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/crm.graphql
service=${KPIGRAPH_URL:-http://127.0.0.1:8080/graphql}
batch_rows=${KPIGRAPH_BATCH_ROWS:-5000}
state=${SYNC_STATE:-.}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The answer to a request, in $work/answer. Refused connections, timeouts, 429 and 5xx are tried again, after as long
# as Retry-After says.
request() {
    curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused --max-time 300 \
        --output "$work/answer" "$@" && return
    cat "$work/answer" >&2 2>/dev/null || true
    return 1
}

# Asks the service what the file $work/call holds; the answer's data are in $work/data.
ask() {
    request "$service" --header "Authorization: Bearer $KPIGRAPH_KEY" --header 'Content-Type: application/json' \
        --data-binary "@$work/call"
    jq --raw-output '.errors // [] | .[].message' "$work/answer" >&2
    jq --exit-status 'select(.errors | not).data' "$work/answer" >"$work/data"
}

# Keeps rows, lines of the name of an operation and a JSON object, until they are sent.
add() {
    awk -F '\t' -v folder="$work" '{ print substr($0, length($1) + 2) >>(folder "/" $1 ".rows") }'
}

# Sends the rows of an operation, as many in a call as it may have.
send() {
    local operation=$1 batch key wait
    [[ -s $work/$operation.rows ]] || return 0
    split -l "$batch_rows" "$work/$operation.rows" "$work/batch."
    for batch in "$work"/batch.*; do
        # One key for however many tries: the service does the work once.
        key=$(od -An -N 16 -t x1 /dev/urandom | tr -d ' \n')
        jq --null-input --rawfile query "$operations" --arg operationName "$operation" --arg source "$source" \
            --arg idempotencyKey "$key" --slurpfile items "$batch" \
            '{ $query, $operationName, variables: { input: { $source, $idempotencyKey, $items } } }' >"$work/call"
        for _ in 1 2 3 4 5; do
            ask
            wait=$(jq '.done.errors[] | select(.code == "RUNNING") | .retryAfterMs / 1000' "$work/data")
            [[ -n $wait ]] || break
            sleep "$wait"
        done
        jq --exit-status '.done.errors == []' "$work/data" >/dev/null || {
            jq --compact-output .done.errors "$work/data" >&2
            exit 1
        }
        jq --raw-output --arg operation "$operation" --slurpfile rows "$batch" '
            .done.results[] | select(.outcome == "FAILED") | $rows[.index] as $row
            | ($row.id // ($row.ref // $row.customer).external.id) as $name | .errors[]
            | "FAILED \($operation) \($name): \(.path | join(".")): \(.code): \(.message)"' "$work/data"
        jq --compact-output .done.counts "$work/data" >>"$work/$operation.counts"
        rm "$batch"
    done
    rm "$work/$operation.rows"
}

# Where to look for changes: 5 minutes before the latest that is known, because rows may appear in a CRM's lists after
# rows that were changed later. In seconds since 1970; nothing at first.
since() {
    [[ ! -f $state/$1.since ]] ||
        jq --raw-input --raw-output 'sub("\\.\\d+"; "") | fromdateiso8601 - 300' "$state/$1.since"
}

# Up to when the changes of a list are known, by the CRM's clock: the latest line of $work/seen. To be kept when all rows
# are answered, so that what a stopped run did is done again.
keep() {
    [[ -s $work/seen ]] || return 0
    sed 's/+0000$/Z/' "$work/seen" | LC_ALL=C sort | tail -n 1 >"$state/$1.new"
    mv "$state/$1.new" "$state/$1.since"
    rm "$work/seen"
}

# Tells what happened; the exit code is 1 when rows failed.
end() {
    local counts failed=0
    for counts in "$work"/*.counts; do
        [[ -e $counts ]] || continue
        jq --raw-output --slurp --arg operation "$(basename "$counts" .counts)" '
            ["created", "updated", "unchanged", "skipped", "failed"] as $outcomes
            | [$outcomes[] as $outcome | "\(map(.[$outcome]) | add) \($outcome)"]
            | "\($operation): \(join(", "))"' "$counts"
        jq --exit-status --slurp 'all(.failed == 0)' "$counts" >/dev/null || failed=1
    done
    exit "$failed"
}
