// Brings HubSpot's contacts and deals into kpigraph: all at first, then those that changed.

import type { LifecycleStage } from "./gql/graphql.js";
import { request, setting } from "./http.js";
import { Kpigraph } from "./kpigraph.js";

const URL = setting("HUBSPOT_URL", "https://api.hubapi.com");
const PAGE = 100;
// HubSpot's lifecycle stages, and what they are here. The property that ends in the stage says when it was entered.
const STAGES: Record<string, LifecycleStage> = {
  subscriber: "VISITOR",
  lead: "LEAD",
  marketingqualifiedlead: "MQL",
  salesqualifiedlead: "SQL",
  opportunity: "SQO",
  customer: "CUSTOMER",
};
const ENTERED = "hs_v2_date_entered_";
const CONTACT = ["email", "firstname", "lastname", "country", "createdate", "lastmodifieddate"];
CONTACT.push("hs_analytics_source", "hs_analytics_first_timestamp", ...Object.keys(STAGES).map((stage) => ENTERED + stage));
const DEAL = ["dealstage", "pipeline", "amount", "deal_currency_code", "createdate", "closedate"];
DEAL.push("hs_is_closed", "hs_is_closed_won", "closed_lost_reason", "hs_lastmodifieddate");

// HubSpot writes every value as a text, and blank or null where there is none.
type Properties = Record<string, string | null>;
type HubspotObject = { id: string; properties: Properties };
type Page = { results: HubspotObject[]; paging?: { next?: { after: string } } };
type Associations = { results: { from: { id: string }; to: { toObjectId: number }[] }[] };

const person = (id: string) => ({ external: { system: "hubspot", id } });

async function hubspot<T>(path: string, body?: object): Promise<T> {
  const headers = { Authorization: `Bearer ${setting("HUBSPOT_TOKEN")}`, "Content-Type": "application/json" };
  const options = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
  return (await (await request(URL + path, options)).json()) as T;
}

// Pages of all objects, or of those that changed, the earliest change first.
async function* pages(kind: string, properties: string[], changed: string, since?: Date) {
  let after: string | undefined;
  do {
    let page: Page;
    if (since) {
      const newer = { propertyName: changed, operator: "GTE", value: String(since.getTime()) };
      const sorts = [{ propertyName: changed, direction: "ASCENDING" }];
      const wanted = { limit: PAGE, properties, filterGroups: [{ filters: [newer] }], sorts, after };
      page = await hubspot(`/crm/v3/objects/${kind}/search`, wanted);
    } else {
      const wanted = new URLSearchParams({ limit: String(PAGE), properties: properties.join(","), ...(after && { after }) });
      page = await hubspot(`/crm/v3/objects/${kind}?${wanted}`);
    }
    yield page.results;
    after = page.paging?.next?.after;
  } while (after);
}

// The first contact of each deal: searches do not tell.
async function contactsOf(deals: HubspotObject[]) {
  if (!deals.length) return new Map<string, string>();
  const inputs = deals.map(({ id }) => ({ id }));
  const found = await hubspot<Associations>("/crm/v4/associations/deals/contacts/batch/read", { inputs });
  return new Map(found.results.map(({ from, to }) => [String(from.id), String(to[0]?.toObjectId)]));
}

async function addContact(kpigraph: Kpigraph, { id, properties: known }: HubspotObject) {
  const customer = person(id);
  const told = { sourceUpdatedAt: known.lastmodifieddate ?? null };
  const name = [known.firstname, known.lastname].filter(Boolean).join(" ") || null;
  await kpigraph.add("Customers", { ref: customer, email: known.email || null, name, country: known.country || null, ...told });
  for (const [stage, ours] of Object.entries(STAGES)) {
    const enteredAt = known[ENTERED + stage];
    if (enteredAt) await kpigraph.add("StageEvents", { customer, stage: ours, enteredAt });
  }
  const origin = known.hs_analytics_source;
  if (!origin) return;
  const occurredAt = known.hs_analytics_first_timestamp || known.createdate || "";
  const kind = origin === "OFFLINE" ? "OFFLINE" : "VISIT";
  // A name that the source gives: it makes a channel where there is none.
  await kpigraph.add("Touchpoints", { id: `${id}-first`, customer, occurredAt, channel: person(origin), kind, ...told });
}

async function addDeal(kpigraph: Kpigraph, { id, properties: known }: HubspotObject, contact?: string) {
  const won = known.hs_is_closed_won === "true";
  const closedAt = known.closedate || null;
  const amount = known.amount || null;
  const customer = contact ? person(contact) : null;
  const facts = { id, customer, currency: known.deal_currency_code || null, sourceUpdatedAt: known.hs_lastmodifieddate ?? null };
  const more = Object.entries({ pipeline: known.pipeline, lost_reason: known.closed_lost_reason });
  await kpigraph.add("Opportunities", {
    ...facts,
    stage: known.dealstage ?? null,
    openedAt: known.createdate ?? null,
    closedAt,
    outcome: won ? "WON" : known.hs_is_closed === "true" ? "LOST" : "OPEN",
    amount,
    properties: more.flatMap(([key, value]) => (value ? [{ key, value }] : [])),
  });
  // What was won is revenue. A draft counts nowhere, so that a deal that is opened again takes its revenue back.
  if (amount && closedAt) {
    await kpigraph.add("Orders", { ...facts, orderedAt: closedAt, net: amount, status: won ? "completed" : "draft" });
  }
}

const kpigraph = new Kpigraph("hubspot");
await kpigraph.changes("hubspot-contacts", async (changes) => {
  for await (const contacts of pages("contacts", CONTACT, "lastmodifieddate", changes.since)) {
    for (const contact of contacts) {
      await addContact(kpigraph, contact);
      changes.saw(contact.properties.lastmodifieddate ?? "");
    }
  }
});
await kpigraph.changes("hubspot-deals", async (changes) => {
  for await (const deals of pages("deals", DEAL, "hs_lastmodifieddate", changes.since)) {
    const contacts = await contactsOf(deals);
    for (const deal of deals) {
      await addDeal(kpigraph, deal, contacts.get(deal.id));
      changes.saw(deal.properties.hs_lastmodifieddate ?? "");
    }
  }
});
kpigraph.end();
