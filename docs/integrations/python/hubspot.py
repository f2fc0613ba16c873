"""Brings HubSpot's contacts and deals into kpigraph: all at first, then those that changed."""

import os

from kpigraph import Kpigraph, Watermark, crm_session

URL = os.environ.get("HUBSPOT_URL", "https://api.hubapi.com")
PAGE = 100
# HubSpot's lifecycle stages, and what they are here. The property that ends in the stage says when it was entered.
STAGES = {
    "subscriber": "VISITOR",
    "lead": "LEAD",
    "marketingqualifiedlead": "MQL",
    "salesqualifiedlead": "SQL",
    "opportunity": "SQO",
    "customer": "CUSTOMER",
}
ENTERED = "hs_v2_date_entered_"
CONTACT = ["email", "firstname", "lastname", "country", "createdate", "lastmodifieddate"]
CONTACT += ["hs_analytics_source", "hs_analytics_first_timestamp", *(ENTERED + stage for stage in STAGES)]
DEAL = ["dealstage", "pipeline", "amount", "deal_currency_code", "createdate", "closedate"]
DEAL += ["hs_is_closed", "hs_is_closed_won", "closed_lost_reason", "hs_lastmodifieddate"]


def person(contact):
    return {"external": {"system": "hubspot", "id": str(contact)}}


def pages(hubspot, kind, properties, changed, since):
    """Pages of all objects, or of those that changed, the earliest change first."""
    after = None
    while True:
        if since is None:
            wanted = {"limit": PAGE, "properties": ",".join(properties)} | ({"after": after} if after else {})
            answer = hubspot.get(f"{URL}/crm/v3/objects/{kind}", params=wanted, timeout=60)
        else:
            newer = {"propertyName": changed, "operator": "GTE", "value": str(int(since.timestamp() * 1000))}
            wanted = {"limit": PAGE, "properties": properties, "filterGroups": [{"filters": [newer]}]}
            wanted |= {"sorts": [{"propertyName": changed, "direction": "ASCENDING"}]}
            wanted |= {"after": after} if after else {}
            answer = hubspot.post(f"{URL}/crm/v3/objects/{kind}/search", json=wanted, timeout=60)
        answer.raise_for_status()
        page = answer.json()
        yield page["results"]
        after = page.get("paging", {}).get("next", {}).get("after")
        if after is None:
            return


def contacts_of(hubspot, deals):
    """The first contact of each deal: searches do not tell."""
    if not deals:
        return {}
    inputs = {"inputs": [{"id": deal["id"]} for deal in deals]}
    answer = hubspot.post(f"{URL}/crm/v4/associations/deals/contacts/batch/read", json=inputs, timeout=60)
    answer.raise_for_status()
    return {str(found["from"]["id"]): found["to"][0]["toObjectId"] for found in answer.json()["results"]}


def add_contact(kpigraph, contact):
    known, customer = contact["properties"], person(contact["id"])
    told = known["lastmodifieddate"]
    name = " ".join(part for part in (known["firstname"], known["lastname"]) if part)
    facts = {"email": known["email"] or None, "name": name or None, "country": known["country"] or None}
    kpigraph.add("Customers", {"ref": customer, **facts, "sourceUpdatedAt": told})
    for stage, ours in STAGES.items():
        if entered := known[ENTERED + stage]:
            kpigraph.add("StageEvents", {"customer": customer, "stage": ours, "enteredAt": entered})
    if origin := known["hs_analytics_source"]:
        touch = {"id": f"{contact['id']}-first", "customer": customer, "sourceUpdatedAt": told}
        touch["occurredAt"] = known["hs_analytics_first_timestamp"] or known["createdate"]
        # A name that the source gives: it makes a channel where there is none.
        touch |= {"channel": person(origin), "kind": "OFFLINE" if origin == "OFFLINE" else "VISIT"}
        kpigraph.add("Touchpoints", touch)


def add_deal(kpigraph, deal, contact):
    known = deal["properties"]
    won, closed = known["hs_is_closed_won"] == "true", known["hs_is_closed"] == "true"
    facts = {
        "id": deal["id"],
        "customer": person(contact) if contact else None,
        "currency": known["deal_currency_code"] or None,
        "sourceUpdatedAt": known["hs_lastmodifieddate"],
    }
    amount, closed_at = known["amount"] or None, known["closedate"] or None
    more = {"pipeline": known["pipeline"], "lost_reason": known["closed_lost_reason"]}
    opportunity = {
        "stage": known["dealstage"],
        "openedAt": known["createdate"],
        "closedAt": closed_at,
        "outcome": "WON" if won else "LOST" if closed else "OPEN",
        "amount": amount,
        "properties": [{"key": key, "value": value} for key, value in more.items() if value],
    }
    kpigraph.add("Opportunities", facts | opportunity)
    # What was won is revenue. A draft counts nowhere, so that a deal that is opened again takes its revenue back.
    if amount and closed_at:
        order = {"orderedAt": closed_at, "net": amount, "status": "completed" if won else "draft"}
        kpigraph.add("Orders", facts | order)


def main():
    kpigraph, hubspot = Kpigraph("hubspot"), crm_session(os.environ["HUBSPOT_TOKEN"])
    with kpigraph.changes("hubspot-contacts") as changes:
        for contacts in pages(hubspot, "contacts", CONTACT, "lastmodifieddate", changes.since):
            for contact in contacts:
                add_contact(kpigraph, contact)
                changes.saw(contact["properties"]["lastmodifieddate"])
    with kpigraph.changes("hubspot-deals") as changes:
        for deals in pages(hubspot, "deals", DEAL, "hs_lastmodifieddate", changes.since):
            contacts = contacts_of(hubspot, deals)
            for deal in deals:
                add_deal(kpigraph, deal, contacts.get(deal["id"]))
                changes.saw(deal["properties"]["hs_lastmodifieddate"])
    kpigraph.end()


if __name__ == "__main__":
    main()
