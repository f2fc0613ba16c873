"""Brings Salesforce's leads, contacts and opportunities into kpigraph: all at first, then those that changed."""

import os

from kpigraph import Kpigraph, Watermark, crm_session

URL = os.environ["SALESFORCE_URL"].rstrip("/")
VERSION = "v65.0"
# The statuses of leads that are stages here; every lead is a LEAD from its creation on.
STAGES = {"Marketing Qualified": "MQL", "Working - Contacted": "SAL", "Qualified": "SQL", "Closed - Converted": "SQO"}
LEAD = "SELECT Id, FirstName, LastName, Email, Country, LeadSource, CreatedDate, SystemModstamp FROM Lead"
# Of every contact that was a lead: one person under one name, that of the lead.
CONVERTED = "SELECT Id, ConvertedContactId FROM Lead WHERE IsConverted = true"
HISTORY = "SELECT LeadId, NewValue, CreatedDate FROM LeadHistory WHERE Field = 'Status'"
CONTACT = "SELECT Id, FirstName, LastName, Email, MailingCountry, LeadSource, CreatedDate, SystemModstamp FROM Contact"
OPPORTUNITY = (
    "SELECT Id, StageName, IsClosed, IsWon, Amount, CloseDate, CreatedDate, Type, SystemModstamp,"
    " (SELECT ContactId FROM OpportunityContactRoles WHERE IsPrimary = true) FROM Opportunity"
)


def sign_in():
    """A session with an access token, by the OAuth client credentials flow."""
    form = {
        "grant_type": "client_credentials",
        "client_id": os.environ["SALESFORCE_CLIENT_ID"],
        "client_secret": os.environ["SALESFORCE_CLIENT_SECRET"],
    }
    answer = crm_session().post(f"{URL}/services/oauth2/token", data=form, timeout=60)
    answer.raise_for_status()
    return crm_session(answer.json()["access_token"])


def records(salesforce, query, changed="SystemModstamp", changes=None):
    """The records of a query, or those of them that changed; `changes` hears of each change."""
    if changes and changes.since:
        glue = " AND " if " WHERE Field" in query else " WHERE "
        query += f"{glue}{changed} >= {changes.since:%Y-%m-%dT%H:%M:%SZ}"
    answer = salesforce.get(f"{URL}/services/data/{VERSION}/query", params={"q": query}, timeout=60)
    while True:
        answer.raise_for_status()
        page = answer.json()
        for record in page["records"]:
            yield record
            if changes:
                changes.saw(record[changed])
        if page["done"]:
            return
        answer = salesforce.get(URL + page["nextRecordsUrl"], timeout=60)


def person(name):
    return {"external": {"system": "salesforce", "id": name}}


def add_person(kpigraph, name, known, country):
    full_name = " ".join(part for part in (known["FirstName"], known["LastName"]) if part)
    facts = {"email": known["Email"], "name": full_name or None, "country": country}
    kpigraph.add("Customers", {"ref": person(name), **facts, "sourceUpdatedAt": known["SystemModstamp"]})


def add_first_touch(kpigraph, name, known):
    if known["LeadSource"]:
        touch = {"id": f"{name}-first", "customer": person(name), "sourceUpdatedAt": known["SystemModstamp"]}
        # A name that the source gives: it makes a channel where there is none.
        touch |= {"channel": person(known["LeadSource"]), "occurredAt": known["CreatedDate"]}
        kpigraph.add("Touchpoints", touch | {"kind": "VISIT" if known["LeadSource"] == "Web" else "OFFLINE"})


def add_opportunity(kpigraph, known, lead_of):
    roles = (known["OpportunityContactRoles"] or {"records": []})["records"]
    contact = roles[0]["ContactId"] if roles else None
    amount = known["Amount"] if known["Amount"] is None else str(known["Amount"])
    # Salesforce tells the day: noon in UTC is on that day nearly everywhere.
    closed_at = f"{known['CloseDate']}T12:00:00Z"
    facts = {
        "id": known["Id"],
        "customer": person(lead_of.get(contact, contact)) if contact else None,
        "sourceUpdatedAt": known["SystemModstamp"],
    }
    opportunity = {
        "stage": known["StageName"],
        "openedAt": known["CreatedDate"],
        "closedAt": closed_at,
        "outcome": "WON" if known["IsWon"] else "LOST" if known["IsClosed"] else "OPEN",
        "amount": amount,
        "properties": [{"key": "type", "value": known["Type"]}] if known["Type"] else [],
    }
    kpigraph.add("Opportunities", facts | opportunity)
    # What was won is revenue. A draft counts nowhere, so that a deal that is opened again takes its revenue back.
    if amount:
        order = {"orderedAt": closed_at, "net": amount, "status": "completed" if known["IsWon"] else "draft"}
        kpigraph.add("Orders", facts | order)


def main():
    kpigraph, salesforce = Kpigraph("salesforce"), sign_in()
    lead_of = {lead["ConvertedContactId"]: lead["Id"] for lead in records(salesforce, CONVERTED)}
    with kpigraph.changes("salesforce-leads") as changes:
        for lead in records(salesforce, LEAD, changes=changes):
            add_person(kpigraph, lead["Id"], lead, lead["Country"])
            add_first_touch(kpigraph, lead["Id"], lead)
            entered = {"stage": "LEAD", "enteredAt": lead["CreatedDate"]}
            kpigraph.add("StageEvents", {"customer": person(lead["Id"])} | entered)
    with kpigraph.changes("salesforce-lead-history") as changes:
        for entry in records(salesforce, HISTORY, "CreatedDate", changes):
            if stage := STAGES.get(entry["NewValue"]):
                entered = {"stage": stage, "enteredAt": entry["CreatedDate"]}
                kpigraph.add("StageEvents", {"customer": person(entry["LeadId"])} | entered)
    with kpigraph.changes("salesforce-contacts") as changes:
        for contact in records(salesforce, CONTACT, changes=changes):
            name = lead_of.get(contact["Id"], contact["Id"])
            add_person(kpigraph, name, contact, contact["MailingCountry"])
            if name == contact["Id"]:
                add_first_touch(kpigraph, name, contact)
    with kpigraph.changes("salesforce-opportunities") as changes:
        for opportunity in records(salesforce, OPPORTUNITY, changes=changes):
            add_opportunity(kpigraph, opportunity, lead_of)
    kpigraph.end()


if __name__ == "__main__":
    main()
