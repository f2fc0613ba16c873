// Loads a running service over HTTP, one scenario after the other, and prints a table in Markdown:
//   node bench/load.mjs --url http://127.0.0.1:8080 --token TOKEN [--connections 16] [--seconds 5] [--scenario NAME …]
// Each connection sends its next request when the answer to the last one is there. Needs Node 20, nothing else.
// Exit status 1 when any answer is wrong. Asks services on this machine only.
import { parseArgs } from 'node:util';

import { Client, endpoint } from './client.mjs';
import { scenarios } from './scenarios.mjs';

const WARM_UP_SECONDS = 1;

const { url, token, connections, seconds, names } = options();
const client = new Client(url, connections);

console.log('| scenario | asks for | requests/s | p50 ms | p99 ms | errors | SQL statements | answer bytes |');
console.log('|---|---|--:|--:|--:|--:|--:|--:|');
let errors = 0;
for (const name of names) {
  const { about, query } = scenarios[name];
  const body = JSON.stringify({ query });
  // The first answer is read whole: a load of errors would be fast and worthless.
  const first = await client.ask(token, body);
  if (first.problem) {
    console.error(`${name}: ${first.problem}`);
    process.exit(1);
  }
  await load(body, WARM_UP_SECONDS);
  const { latencies, failed, statements, elapsed } = await load(body, seconds);
  errors += failed;
  const cells = [
    name,
    about,
    Math.round(latencies.length / elapsed),
    percentile(latencies, 0.5).toFixed(1),
    percentile(latencies, 0.99).toFixed(1),
    failed,
    [...statements].sort((a, b) => a - b).join(', '),
    first.bytes,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
client.close();
process.exitCode = errors > 0 ? 1 : 0;

function options() {
  const fail = (problem) => {
    console.error(problem);
    process.exit(2);
  };
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      token: { type: 'string' },
      connections: { type: 'string', default: '16' },
      seconds: { type: 'string', default: '5' },
      scenario: { type: 'string', multiple: true, default: Object.keys(scenarios) },
    },
  });
  if (!values.url || !values.token) fail('--url and --token are needed');
  const url = endpoint(values.url);
  if (!url) fail('--url: only http on this machine is loaded');
  const number = (name, most) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1 || value > most) fail(`--${name}: 1 to ${most} are allowed`);
    return value;
  };
  for (const name of values.scenario) {
    if (!(name in scenarios)) fail(`--scenario: there are ${Object.keys(scenarios).join(', ')}`);
  }
  return {
    url,
    token: values.token,
    connections: number('connections', 256),
    seconds: number('seconds', 60),
    names: values.scenario,
  };
}

// All connections at once, until the time is over and the last answers are there.
async function load(body, seconds) {
  const latencies = [];
  const statements = new Set();
  let failed = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  const connection = async () => {
    while (performance.now() < end) {
      const sent = performance.now();
      const answer = await client.ask(token, body);
      if (answer.problem) {
        failed += 1;
      } else {
        latencies.push(performance.now() - sent);
        statements.add(answer.statements);
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return { latencies, failed, statements, elapsed: (performance.now() - start) / 1000 };
}

function percentile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
