#!/usr/bin/env bash
# Prints KPIs by kind of channel: kpis.sh 2026-01-01 2026-03-31
. "$(dirname "${BASH_SOURCE[0]}")/kpigraph.sh"

jq --null-input --rawfile query "$operations" --arg from "$1" --arg to "$2" \
    '{ $query, operationName: "ChannelKpis", variables: { $from, $to } }' >"$work/call"
ask
jq --raw-output '
    def shown($group; $name): [$group, $name, .formatted // .undefinedReason.code] | join("\t");
    (.metrics.nodes[] | .dimensions[0].label as $group | .values[] | shown($group; .metric.key)),
    (.lifetimeValue.segments.nodes[] | .dimension.label as $group | .historicPerCustomer | shown($group; "CLV"))
' "$work/data"
