// Brings Salesforce's leads, contacts and opportunities into kpigraph: all at first, then those that changed.

import type { LifecycleStage } from "./gql/graphql.js";
import { request, setting } from "./http.js";
import { Kpigraph } from "./kpigraph.js";

const URL = setting("SALESFORCE_URL").replace(/\/$/, "");
const VERSION = "v65.0";
// The statuses of leads that are stages here; every lead is a LEAD from its creation on.
const STAGES: Record<string, LifecycleStage> = {
  "Marketing Qualified": "MQL",
  "Working - Contacted": "SAL",
  Qualified: "SQL",
  "Closed - Converted": "SQO",
};
const LEAD = "SELECT Id, FirstName, LastName, Email, Country, LeadSource, CreatedDate, SystemModstamp FROM Lead";
// Of every contact that was a lead: one person under one name, that of the lead.
const CONVERTED = "SELECT Id, ConvertedContactId FROM Lead WHERE IsConverted = true";
const HISTORY = "SELECT LeadId, NewValue, CreatedDate FROM LeadHistory WHERE Field = 'Status'";
const CONTACT = "SELECT Id, FirstName, LastName, Email, MailingCountry, LeadSource, CreatedDate, SystemModstamp FROM Contact";
const OPPORTUNITY = `SELECT Id, StageName, IsClosed, IsWon, Amount, CloseDate, CreatedDate, Type, SystemModstamp,
 (SELECT ContactId FROM OpportunityContactRoles WHERE IsPrimary = true) FROM Opportunity`.replace("\n", "");

type Text = string | null;
type Stamped = { Id: string; CreatedDate: string; SystemModstamp: string };
type Person = Stamped & { FirstName: Text; LastName: Text; Email: Text; LeadSource: Text };
type Lead = Person & { Country: Text };
type Contact = Person & { MailingCountry: Text };
type Entry = { LeadId: string; NewValue: Text; CreatedDate: string };
type Opportunity = Stamped & {
  StageName: string;
  IsClosed: boolean;
  IsWon: boolean;
  Amount: number | null;
  CloseDate: string;
  Type: Text;
  OpportunityContactRoles: { records: { ContactId: string }[] } | null;
};
type Page<T> = { records: T[]; done: boolean; nextRecordsUrl?: string };

const person = (id: string) => ({ external: { system: "salesforce", id } });

// An access token, by the OAuth client credentials flow.
async function signIn() {
  const [client_id, client_secret] = [setting("SALESFORCE_CLIENT_ID"), setting("SALESFORCE_CLIENT_SECRET")];
  const body = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret });
  const answer = await request(`${URL}/services/oauth2/token`, { method: "POST", body });
  return ((await answer.json()) as { access_token: string }).access_token;
}
const headers = { Authorization: `Bearer ${await signIn()}` };

// The records of a query, those of them that changed since.
async function* records<T>(query: string, since?: Date, changed = "SystemModstamp") {
  const at = since?.toISOString().replace(/\.\d+/, "");
  const newer = at ? `${query.includes(" WHERE Field") ? " AND" : " WHERE"} ${changed} >= ${at}` : "";
  let next: string | undefined = `/services/data/${VERSION}/query?${new URLSearchParams({ q: query + newer })}`;
  while (next) {
    const page = (await (await request(URL + next, { headers })).json()) as Page<T>;
    yield* page.records;
    next = page.done ? undefined : page.nextRecordsUrl;
  }
}

async function addPerson(kpigraph: Kpigraph, id: string, known: Person, country: Text) {
  const name = [known.FirstName, known.LastName].filter(Boolean).join(" ") || null;
  const facts = { ref: person(id), email: known.Email, name, country };
  await kpigraph.add("Customers", { ...facts, sourceUpdatedAt: known.SystemModstamp });
}

async function addFirstTouch(kpigraph: Kpigraph, id: string, known: Person) {
  if (!known.LeadSource) return;
  const kind = known.LeadSource === "Web" ? "VISIT" : "OFFLINE";
  const touch = { id: `${id}-first`, customer: person(id), occurredAt: known.CreatedDate, kind } as const;
  // A name that the source gives: it makes a channel where there is none.
  const channel = person(known.LeadSource);
  await kpigraph.add("Touchpoints", { ...touch, channel, sourceUpdatedAt: known.SystemModstamp });
}

async function addOpportunity(kpigraph: Kpigraph, known: Opportunity, leadOf: Map<string, string>) {
  const contact = known.OpportunityContactRoles?.records[0]?.ContactId;
  const customer = contact ? person(leadOf.get(contact) ?? contact) : null;
  const amount = known.Amount === null ? null : String(known.Amount);
  // Salesforce tells the day: noon in UTC is on that day nearly everywhere.
  const closedAt = `${known.CloseDate}T12:00:00Z`;
  const facts = { id: known.Id, customer, sourceUpdatedAt: known.SystemModstamp };
  await kpigraph.add("Opportunities", {
    ...facts,
    stage: known.StageName,
    openedAt: known.CreatedDate,
    closedAt,
    outcome: known.IsWon ? "WON" : known.IsClosed ? "LOST" : "OPEN",
    amount,
    properties: known.Type ? [{ key: "type", value: known.Type }] : [],
  });
  // What was won is revenue. A draft counts nowhere, so that a deal that is opened again takes its revenue back.
  if (amount) {
    const status = known.IsWon ? "completed" : "draft";
    await kpigraph.add("Orders", { ...facts, orderedAt: closedAt, net: amount, status });
  }
}

const kpigraph = new Kpigraph("salesforce");
const leadOf = new Map<string, string>();
for await (const lead of records<{ Id: string; ConvertedContactId: string }>(CONVERTED)) {
  leadOf.set(lead.ConvertedContactId, lead.Id);
}
await kpigraph.changes("salesforce-leads", async (changes) => {
  for await (const lead of records<Lead>(LEAD, changes.since)) {
    await addPerson(kpigraph, lead.Id, lead, lead.Country);
    await addFirstTouch(kpigraph, lead.Id, lead);
    await kpigraph.add("StageEvents", { customer: person(lead.Id), stage: "LEAD", enteredAt: lead.CreatedDate });
    changes.saw(lead.SystemModstamp);
  }
});
await kpigraph.changes("salesforce-lead-history", async (changes) => {
  for await (const { LeadId, NewValue, CreatedDate } of records<Entry>(HISTORY, changes.since, "CreatedDate")) {
    const stage = STAGES[NewValue ?? ""];
    if (stage) await kpigraph.add("StageEvents", { customer: person(LeadId), stage, enteredAt: CreatedDate });
    changes.saw(CreatedDate);
  }
});
await kpigraph.changes("salesforce-contacts", async (changes) => {
  for await (const contact of records<Contact>(CONTACT, changes.since)) {
    const id = leadOf.get(contact.Id) ?? contact.Id;
    await addPerson(kpigraph, id, contact, contact.MailingCountry);
    if (id === contact.Id) await addFirstTouch(kpigraph, id, contact);
    changes.saw(contact.SystemModstamp);
  }
});
await kpigraph.changes("salesforce-opportunities", async (changes) => {
  for await (const opportunity of records<Opportunity>(OPPORTUNITY, changes.since)) {
    await addOpportunity(kpigraph, opportunity, leadOf);
    changes.saw(opportunity.SystemModstamp);
  }
});
kpigraph.end();
