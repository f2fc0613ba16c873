#!/usr/bin/env bash
# Brings Salesforce's leads, contacts and opportunities into kpigraph: all at first, then those that changed.
source=salesforce
. "$(dirname "${BASH_SOURCE[0]}")/kpigraph.sh"

url=${SALESFORCE_URL%/}
version=v65.0
person='Id, FirstName, LastName, Email, LeadSource, CreatedDate, SystemModstamp'
opportunity='Id, StageName, IsClosed, IsWon, Amount, CloseDate, CreatedDate, Type, SystemModstamp'
opportunity+=', (SELECT ContactId FROM OpportunityContactRoles WHERE IsPrimary = true)'

# What of Salesforce is what here. `$lead_of` tells of every contact that was a lead which: one person under one name.
mapping='
def person($id): { external: { system: "salesforce", id: $id } };
# The statuses of leads that are stages here; every lead is a LEAD from its creation on.
def stages: { "Marketing Qualified": "MQL", "Working - Contacted": "SAL", "Qualified": "SQL",
    "Closed - Converted": "SQO" };
def row($operation): "\($operation)\t\(tojson)";

def customer($id; $country): ([.FirstName, .LastName] | map(select(.)) | join(" ")) as $name
| { ref: person($id), email: .Email, name: (if $name == "" then null else $name end), $country,
    sourceUpdatedAt: .SystemModstamp } | row("Customers");

def first_touch($id): select(.LeadSource)
# A name that the source gives: it makes a channel where there is none.
| { id: "\($id)-first", customer: person($id), channel: person(.LeadSource), occurredAt: .CreatedDate,
    kind: (if .LeadSource == "Web" then "VISIT" else "OFFLINE" end), sourceUpdatedAt: .SystemModstamp }
| row("Touchpoints");

def lead: customer(.Id; .Country), first_touch(.Id),
    ({ customer: person(.Id), stage: "LEAD", enteredAt: .CreatedDate } | row("StageEvents"));

def entry: { customer: person(.LeadId), stage: stages[.NewValue // ""], enteredAt: .CreatedDate }
| select(.stage) | row("StageEvents");

def contact: ($lead_of[0][.Id] // .Id) as $id
| customer($id; .MailingCountry), (select($id == .Id) | first_touch($id));

def opportunity: ([.OpportunityContactRoles.records[]?.ContactId][0]) as $contact
| { id: .Id, customer: (if $contact then person($lead_of[0][$contact] // $contact) else null end),
    sourceUpdatedAt: .SystemModstamp } as $facts
# Salesforce tells the day: noon in UTC is on that day nearly everywhere.
| "\(.CloseDate)T12:00:00Z" as $closedAt | (if .Amount then "\(.Amount)" else null end) as $amount
| ($facts + { stage: .StageName, openedAt: .CreatedDate, $closedAt, $amount,
    outcome: (if .IsWon then "WON" elif .IsClosed then "LOST" else "OPEN" end),
    properties: [{ key: "type", value: .Type } | select(.value)] } | row("Opportunities")),
  # What was won is revenue. A draft counts nowhere, so that a deal that is opened again takes its revenue back.
  (select($amount) | $facts + { orderedAt: $closedAt, net: $amount,
    status: (if .IsWon then "completed" else "draft" end) } | row("Orders"));
'

# Each page of a query: records QUERY, and what to do with the page in $work/page
records() {
    local query=$1 next
    shift
    salesforce --get "$url/services/data/$version/query" --data-urlencode "q=$query"
    while :; do
        cp "$work/answer" "$work/page"
        "$@"
        next=$(jq --raw-output '.nextRecordsUrl // empty' "$work/page")
        [[ -n $next ]] || break
        salesforce "$url$next"
    done
}

salesforce() {
    request --header "Authorization: Bearer $token" "$@"
}

converted() {
    jq '.records[] | { (.ConvertedContactId): .Id }' "$work/page" >>"$work/converted"
}

rows() {
    jq --raw-output --slurpfile lead_of "$work/lead_of" "$mapping .records[] | $1" "$work/page" | add
    jq --raw-output ".records[].$2" "$work/page" >>"$work/seen"
}

# What changed of a list: changes NAME QUERY MAPPING CHANGED
changes() {
    local from newer='' glue=WHERE
    from=$(since "salesforce-$1")
    [[ $2 != *' WHERE Field'* ]] || glue=AND
    [[ -z $from ]] || newer=" $glue $4 >= $(jq --null-input --raw-output "$from | todateiso8601")"
    records "$2$newer" rows "$3" "$4"
    for operation in Customers StageEvents Touchpoints Opportunities Orders; do
        send "$operation"
    done
    keep "salesforce-$1"
}

# An access token, by the OAuth client credentials flow.
request "$url/services/oauth2/token" --data grant_type=client_credentials \
    --data-urlencode "client_id=$SALESFORCE_CLIENT_ID" --data-urlencode "client_secret=$SALESFORCE_CLIENT_SECRET"
token=$(jq --raw-output .access_token "$work/answer")

: >"$work/converted"
records 'SELECT Id, ConvertedContactId FROM Lead WHERE IsConverted = true' converted
jq --slurp 'add // {}' "$work/converted" >"$work/lead_of"

changes leads "SELECT $person, Country FROM Lead" lead SystemModstamp
changes lead-history "SELECT LeadId, NewValue, CreatedDate FROM LeadHistory WHERE Field = 'Status'" entry CreatedDate
changes contacts "SELECT $person, MailingCountry FROM Contact" contact SystemModstamp
changes opportunities "SELECT $opportunity FROM Opportunity" opportunity SystemModstamp
end
