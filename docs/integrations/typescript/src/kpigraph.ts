// What both synchronisations share: the service, and batches of rows for it.

import { randomUUID } from "node:crypto";
import {
  CustomersDocument,
  OpportunitiesDocument,
  OrdersDocument,
  StageEventsDocument,
  TouchpointsDocument,
  type CustomerUpsert,
  type CustomersMutation,
  type OpportunityUpsert,
  type OrderUpsert,
  type StageEventUpsert,
  type TouchpointUpsert,
  type TypedDocumentString,
} from "./gql/graphql.js";
import { pause, request, setting } from "./http.js";
import { Watermark } from "./watermark.js";

const BATCH_ROWS = Number(setting("KPIGRAPH_BATCH_ROWS", "5000"));
const TRIES = 5;

// Customers before what tells of them.
const MUTATIONS = {
  Customers: CustomersDocument,
  StageEvents: StageEventsDocument,
  Touchpoints: TouchpointsDocument,
  Opportunities: OpportunitiesDocument,
  Orders: OrdersDocument,
};
type Rows = {
  Customers: CustomerUpsert;
  StageEvents: StageEventUpsert;
  Touchpoints: TouchpointUpsert;
  Opportunities: OpportunityUpsert;
  Orders: OrderUpsert;
};
type Operation = keyof Rows;
// All of the mutations answer alike.
type Done = CustomersMutation["done"];

export async function ask<R, V>(document: TypedDocumentString<R, V>, variables: V): Promise<R> {
  const operationName = /^\s*(?:query|mutation) (\w+)/m.exec(document.toString())?.[1];
  const answer = await request(setting("KPIGRAPH_URL", "http://127.0.0.1:8080/graphql"), {
    method: "POST",
    headers: { Authorization: `Bearer ${setting("KPIGRAPH_KEY")}`, "Content-Type": "application/json" },
    body: JSON.stringify({ query: document, operationName, variables }),
  });
  const { data, errors } = (await answer.json()) as { data?: R; errors?: { message: string }[] };
  if (errors || !data) throw new Error(errors?.map((error) => error.message).join("\n") ?? "no data");
  return data;
}

// The service, and what became of the rows sent to it.
export class Kpigraph {
  private waiting: { [O in Operation]?: Rows[O][] } = {};
  private counts = new Map<Operation, Done["counts"]>();

  constructor(private source: string) {}

  // Takes a row; sends what waits as soon as there are as many of a kind as a call may have.
  async add<O extends Operation>(operation: O, row: Rows[O]) {
    const rows: Rows[O][] = (this.waiting[operation] ??= []);
    rows.push(row);
    if (rows.length === BATCH_ROWS) await this.flush();
  }

  private async flush() {
    for (const operation of Object.keys(MUTATIONS) as Operation[]) {
      const items = this.waiting[operation];
      delete this.waiting[operation];
      if (items) await this.send(operation, items);
    }
  }

  private async send(operation: Operation, items: Rows[Operation][]) {
    // One key for however many tries: the service does the work once.
    const input = { source: this.source, idempotencyKey: randomUUID(), items };
    const document = MUTATIONS[operation] as TypedDocumentString<{ done: Done }, { input: object }>;
    let { done } = await ask(document, { input });
    for (let tried = 1; tried < TRIES && done.errors[0]?.code === "RUNNING"; tried++) {
      const [running] = done.errors;
      await pause("retryAfterMs" in running ? running.retryAfterMs : 1000);
      ({ done } = await ask(document, { input }));
    }
    if (done.errors.length) throw new Error(`${operation}: ${JSON.stringify(done.errors)}`);
    const counts = this.counts.get(operation);
    for (const outcome of Object.keys(done.counts) as (keyof Done["counts"])[]) {
      done.counts[outcome] += counts?.[outcome] ?? 0;
    }
    this.counts.set(operation, done.counts);
    for (const { index, outcome, errors } of done.results) {
      const row = items[index];
      if (outcome !== "FAILED" || !row) continue;
      const who = "ref" in row ? row.ref : row.customer;
      const name = "id" in row ? row.id : (who?.external?.id ?? who?.id);
      for (const { path, code, message } of errors) {
        console.log(`FAILED ${operation} ${name}: ${path.join(".")}: ${code}: ${message}`);
      }
    }
  }

  // Works with the watermark of a list. It is kept when all rows are answered: what a stopped run did is done again.
  async changes(name: string, work: (watermark: Watermark) => Promise<void>) {
    const watermark = new Watermark(name);
    await work(watermark);
    await this.flush();
    watermark.keep();
  }

  // Tells what happened; the exit code is 1 when rows failed.
  end() {
    for (const [operation, counts] of this.counts) {
      const told = Object.entries(counts).map(([outcome, number]) => `${number} ${outcome}`);
      console.log(`${operation}: ${told.join(", ")}`);
      if (counts.failed) process.exitCode = 1;
    }
  }
}
