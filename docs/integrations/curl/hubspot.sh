#!/usr/bin/env bash
# Brings HubSpot's contacts and deals into kpigraph: all at first, then those that changed.
source=hubspot
. "$(dirname "${BASH_SOURCE[0]}")/kpigraph.sh"

url=${HUBSPOT_URL:-https://api.hubapi.com}
contact=email,firstname,lastname,country,createdate,lastmodifieddate,hs_analytics_source,hs_analytics_first_timestamp
for stage in subscriber lead marketingqualifiedlead salesqualifiedlead opportunity customer; do
    contact+=,hs_v2_date_entered_$stage
done
deal=dealstage,pipeline,amount,deal_currency_code,createdate,closedate,hs_is_closed,hs_is_closed_won
deal+=,closed_lost_reason,hs_lastmodifieddate

# What of HubSpot is what here. Blank is what nobody has filled in.
mapping='
def person($id): { external: { system: "hubspot", id: "\($id)" } };
def filled: if . == "" then null else . end;
def stages: { subscriber: "VISITOR", lead: "LEAD", marketingqualifiedlead: "MQL", salesqualifiedlead: "SQL",
    opportunity: "SQO", customer: "CUSTOMER" };
def row($operation): "\($operation)\t\(tojson)";

def contact: .id as $id | person($id) as $customer | .properties as $known
| { sourceUpdatedAt: $known.lastmodifieddate } as $told
| ([$known.firstname, $known.lastname] | map(select(. != null and . != "")) | join(" ")) as $name
| ({ ref: $customer, email: ($known.email | filled), name: ($name | filled), country: ($known.country | filled) }
    + $told | row("Customers")),
  (stages | to_entries[] | { $customer, stage: .value, enteredAt: $known["hs_v2_date_entered_\(.key)"] }
    | select(.enteredAt | filled) | row("StageEvents")),
  # A name that the source gives: it makes a channel where there is none.
  ($known.hs_analytics_source | select(filled) | { id: "\($id)-first", $customer, channel: person(.),
    kind: (if . == "OFFLINE" then . else "VISIT" end),
    occurredAt: (($known.hs_analytics_first_timestamp | filled) // $known.createdate) } + $told | row("Touchpoints"));

def deal($contacts): .id as $id | .properties as $known
| { $id, customer: ($contacts[$id] // null | if . then person(.) else null end),
    currency: ($known.deal_currency_code | filled), sourceUpdatedAt: $known.hs_lastmodifieddate } as $facts
| ($known.amount | filled) as $amount | ($known.closedate | filled) as $closedAt
| ($known.hs_is_closed_won == "true") as $won
| ($facts + { stage: $known.dealstage, openedAt: $known.createdate, $closedAt, $amount,
    outcome: (if $won then "WON" elif $known.hs_is_closed == "true" then "LOST" else "OPEN" end),
    properties: [{ key: "pipeline", value: $known.pipeline }, { key: "lost_reason", value: $known.closed_lost_reason }
        | select(.value | filled)] } | row("Opportunities")),
  # What was won is revenue. A draft counts nowhere, so that a deal that is opened again takes its revenue back.
  (select($amount and $closedAt) | $facts + { orderedAt: $closedAt, net: $amount,
    status: (if $won then "completed" else "draft" end) } | row("Orders"));
'

hubspot() {
    request --header "Authorization: Bearer $HUBSPOT_TOKEN" --header 'Content-Type: application/json' "$@"
}

# One page of a list, or of what changed, the earliest change first: page KIND PROPERTIES CHANGED SINCE AFTER
page() {
    if [[ -z $4 ]]; then
        hubspot --get "$url/crm/v3/objects/$1" --data limit=100 --data "properties=$2" ${5:+--data "after=$5"}
    else
        hubspot "$url/crm/v3/objects/$1/search" --data "$(jq --null-input --arg properties "$2" --arg changed "$3" \
            --arg since "${4}000" --arg after "$5" '{ limit: 100, properties: ($properties / ","),
            filterGroups: [{ filters: [{ propertyName: $changed, operator: "GTE", value: $since }] }],
            sorts: [{ propertyName: $changed, direction: "ASCENDING" }] } + if $after == "" then {} else { $after } end')"
    fi
    cp "$work/answer" "$work/page"
    jq --raw-output --arg changed "$3" '.results[].properties[$changed]' "$work/page" >>"$work/seen"
}

# The first contact of each deal of the page: searches do not tell.
contacts_of_deals() {
    echo '{}' >"$work/contacts"
    jq --exit-status '.results == []' "$work/page" >/dev/null && return
    hubspot "$url/crm/v4/associations/deals/contacts/batch/read" \
        --data "$(jq '{ inputs: [.results[] | { id }] }' "$work/page")"
    jq '[.results[] | { key: "\(.from.id)", value: .to[0].toObjectId }] | from_entries' "$work/answer" >"$work/contacts"
}

since=$(since hubspot-contacts) after=
while :; do
    page contacts "$contact" lastmodifieddate "$since" "$after"
    jq --raw-output "$mapping .results[] | contact" "$work/page" | add
    after=$(jq --raw-output '.paging.next.after // empty' "$work/page")
    [[ -n $after ]] || break
done
send Customers
send StageEvents
send Touchpoints
keep hubspot-contacts

since=$(since hubspot-deals) after=
while :; do
    page deals "$deal" hs_lastmodifieddate "$since" "$after"
    contacts_of_deals
    jq --raw-output --slurpfile contacts "$work/contacts" "$mapping .results[] | deal(\$contacts[0])" "$work/page" | add
    after=$(jq --raw-output '.paging.next.after // empty' "$work/page")
    [[ -n $after ]] || break
done
send Opportunities
send Orders
keep hubspot-deals
end
