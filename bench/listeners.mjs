// Has clients listen to customers' stages while bulk calls write them, beside others who listen and stop reading, and
// prints a line of a table in Markdown:
//   node bench/listeners.mjs --url http://127.0.0.1:8080 --token TOKEN --pid PID [--stopped 200] [--reading 5] [--seconds 30]
// Before it is measured, as much is written without listeners. Services on this machine only.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { Client, endpoint } from './client.mjs';

const EVENTS = 100;
const CUSTOMERS = 2000;
const STAGES = ['LEAD', 'MQL', 'SQL'];
const WRITE = 'mutation ($input: UpsertStageEventsInput!) { upsertStageEvents(input: $input) { errors { message } } }';
const SHORT = 'subscription { customerStageChanged { at customer { id name } } }';
const names = Array.from({ length: 60 }, (_, at) => `n${at}: name`).join(' ');
const LONG = `subscription { customerStageChanged { at customer { id ${names} } } }`;

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    token: { type: 'string' },
    pid: { type: 'string' },
    stopped: { type: 'string', default: '200' },
    reading: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '30' },
  },
});
const url = values.url && endpoint(values.url);
if (!url || !values.token || !values.pid) {
  console.error('--url of a service on this machine, --token and --pid are needed');
  process.exit(2);
}
const client = new Client(url, 1);
const seconds = Number(values.seconds);
let call = 0;

await write(seconds);
const late = [];
const reading = await listen(Number(values.reading), SHORT, (response) => {
  let text = '';
  response.on('data', (chunk) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop();
    for (const line of lines) {
      const at = /^data: .*"at":"([^"]+)"/.exec(line);
      if (at) late.push(Date.now() - Date.parse(at[1]));
    }
  });
});
let left = 0;
const stopped = await listen(Number(values.stopped), LONG, (response) => {
  response.on('error', () => {});
  response.pause();
});
await sleep(2000);
const before = resident();
let most = before;
const watch = setInterval(() => (most = Math.max(most, resident())), 200);
const written = await write(seconds);
await sleep(3000);
clearInterval(watch);
for (const response of stopped) {
  response.on('close', () => left++);
  response.resume();
}
await sleep(3000);
late.sort((a, b) => a - b);
const at = (share) => late[Math.min(late.length - 1, Math.floor(late.length * share))];
const expected = written * reading.length;
if (late.length !== expected) console.error(`${late.length} events were told, ${expected} expected`);
console.log(
  `| ${Math.round(written / seconds)} | ${at(0.5)} | ${at(0.99)} | ${at(1)} | ${left} of ${stopped.length} | ${most - before} MB |`,
);
process.exit(late.length === expected ? 0 : 1);

async function write(seconds) {
  const end = performance.now() + seconds * 1000;
  let written = 0;
  while (performance.now() < end) {
    const items = Array.from({ length: EVENTS }, (_, place) => ({
      customer: { external: { system: 'bench', id: `c${(call * EVENTS + place) % CUSTOMERS}` } },
      stage: STAGES[call % STAGES.length],
      enteredAt: new Date().toISOString(),
    }));
    const variables = { input: { source: 'bench', items } };
    const { problem } = await client.ask(values.token, JSON.stringify({ query: WRITE, variables }));
    if (problem) throw new Error(problem);
    call++;
    written += EVENTS;
    // A thousand each second at most.
    await sleep(20);
  }
  return written;
}

// Streams of events, begun.
function listen(count, query, begin) {
  const body = JSON.stringify({ query });
  const headers = { Authorization: `Bearer ${values.token}`, 'Content-Type': 'application/json', Accept: 'text/event-stream' };
  const one = () =>
    new Promise((resolve, reject) => {
      const request = http.request(url, { method: 'POST', agent: false, headers }, (response) => {
        begin(response);
        resolve(response);
      });
      request.on('error', reject);
      request.end(body);
    });
  return Promise.all(Array.from({ length: count }, one));
}

function resident() {
  const line = readFileSync(`/proc/${values.pid}/status`, 'utf8').match(/^VmRSS:\s*(\d+) kB$/m);
  return Math.round(Number(line[1]) / 1024);
}
