// Keeps a running service under mixed load, four questions for each write, and prints tables in Markdown:
//   node bench/soak.mjs --url http://127.0.0.1:8080 --token TOKEN [--token TOKEN …] [--connections 200] [--pause 5] [--seconds 300] [--pid PID]
// Connections are dealt out to the tokens; each sends its next request so many seconds after the answer to the last. With
// --pid it tells the memory of that process, too. Exit status 1 when any answer is wrong. Services on this machine only.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { Client, endpoint } from './client.mjs';
import { scenarios } from './scenarios.mjs';

const ROWS = 10;
const WRITE = `mutation ($input: UpsertAdDaysInput!) {
  upsertAdDays(input: $input) { counts { created updated } errors { message } }
}`;

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    token: { type: 'string', multiple: true, default: [] },
    connections: { type: 'string', default: '200' },
    pause: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '300' },
    pid: { type: 'string' },
  },
});
if (!values.url || values.token.length === 0) fail('--url and --token are needed');
const url = endpoint(values.url);
if (!url) fail('--url: only http on this machine is loaded');
const connections = Number(values.connections);
const pause = Number(values.pause) * 1000;
const seconds = Number(values.seconds);
const client = new Client(url, connections);

const latencies = Object.fromEntries([...Object.keys(scenarios), 'write'].map((name) => [name, []]));
const problems = new Map();
const memory = [];
const start = performance.now();
const end = start + seconds * 1000;
const watch = setInterval(() => memory.push(resident()), 1000);
await Promise.all(Array.from({ length: connections }, (_, number) => connection(number)));
clearInterval(watch);
client.close();

const elapsed = (performance.now() - start) / 1000;
console.log('| request | requests/s | p50 ms | p99 ms | slowest ms |');
console.log('|---|--:|--:|--:|--:|');
for (const [name, taken] of [...Object.entries(latencies), ['all', Object.values(latencies).flat()]]) {
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (share) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(1);
  console.log(`| ${name} | ${Math.round(taken.length / elapsed)} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`);
}
if (values.pid) {
  // The first fifth fills caches.
  const minute = (number) => memory[Math.min(memory.length - 1, number)];
  const told = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => minute(Math.floor(memory.length * share)));
  console.log(`\nMemory over the time, MB: ${told.join(', ')}; the most: ${Math.max(...memory)}.`);
}
const failed = [...problems.values()].reduce((sum, count) => sum + count, 0);
console.log(`\n${failed} wrong answers.`);
for (const [problem, count] of problems) console.log(`- ${count} × ${problem}`);
process.exitCode = failed > 0 ? 1 : 0;

function fail(problem) {
  console.error(problem);
  process.exit(2);
}

function resident() {
  if (!values.pid) return 0;
  const line = readFileSync(`/proc/${values.pid}/status`, 'utf8').match(/^VmRSS:\s*(\d+) kB$/m);
  return Math.round(Number(line[1]) / 1024);
}

async function connection(number) {
  const token = values.token[number % values.token.length];
  const names = Object.keys(scenarios);
  await sleep((pause * number) / connections);
  for (let turn = number; performance.now() < end; turn++) {
    const name = turn % 5 === 4 ? 'write' : names[(turn + Math.floor(turn / 5)) % names.length];
    const body = name === 'write' ? write(number, turn) : { query: scenarios[name].query };
    const sent = performance.now();
    const { problem } = await client.ask(token, JSON.stringify(body));
    if (problem) {
      problems.set(problem, (problems.get(problem) ?? 0) + 1);
    } else {
      latencies[name].push(performance.now() - sent);
    }
    await sleep(pause);
  }
}

// Each connection writes days of a campaign of its own, by turns the same ones.
function write(number, turn) {
  const items = Array.from({ length: ROWS }, (_, row) => ({
    date: new Date(Date.UTC(2025, 0, 1 + ((turn + row) % 365))).toISOString().slice(0, 10),
    campaign: { external: { system: 'soak', id: `c${number}` } },
    clicks: turn % 1000,
    spend: `${turn % 100}.5`,
  }));
  return { query: WRITE, variables: { input: { source: 'soak', idempotencyKey: `${process.pid}-${number}-${turn}`, items } } };
}
