// Prints KPIs by kind of channel: node dist/kpis.js 2026-01-01 2026-03-31

import { ChannelKpisDocument } from "./gql/graphql.js";
import { ask } from "./kpigraph.js";

const [from = "", to = ""] = process.argv.slice(2);
const { metrics, lifetimeValue } = await ask(ChannelKpisDocument, { from, to });

type Value = { formatted: string | null; undefinedReason: { code: string } | null };
const show = (label: string | undefined, name: string | null, value: Value) =>
  console.log([label, name, value.formatted ?? value.undefinedReason?.code].join("\t"));

for (const { dimensions, values } of metrics.nodes) {
  for (const value of values) show(dimensions[0]?.label, value.metric.key, value);
}
for (const { dimension, historicPerCustomer } of lifetimeValue.segments.nodes) {
  show(dimension?.label, "CLV", historicPerCustomer);
}
