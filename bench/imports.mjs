// Makes large files, or uploads one and waits until it is imported:
//   node bench/imports.mjs files FOLDER AD_ROWS ORDER_ROWS
//   node bench/imports.mjs import URL TOKEN FILE MODE PID
// The second prints a row of a table: file, mode, rows, time, speed, and the most memory that the process PID has held.
import { createWriteStream, openAsBlob, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const DAYS = 365;
const DAY_MS = 86_400_000;
const DEVICES = ['mobile', 'desktop', 'tablet'];
const day = (number) => new Date(Date.UTC(2025, 0, 1) + (number % DAYS) * DAY_MS).toISOString().slice(0, 10);

function* adStats(rows) {
  yield 'date,channel,campaign_id,campaign_name,country,device,impressions,clicks,spend,conversions,conversion_value\n';
  for (let row = 0; row < rows; row++) {
    const group = Math.floor(row / DAYS);
    const campaign = Math.floor(group / DEVICES.length);
    const clicks = row % 977;
    yield `${day(row)},google_ads,c${campaign},Campaign ${campaign},DE,${DEVICES[group % DEVICES.length]},`
      + `${clicks * 30},${clicks},${(clicks * 0.73).toFixed(2)},${clicks % 9},${(clicks % 9) * 40}\n`;
  }
}

function* orders(rows) {
  yield 'order_id,customer_id,ordered_at,amount,currency,status\n';
  for (let row = 0; row < rows; row++) {
    yield `o-${row},c-${Math.floor(row / 2.5)},${day(row)}T10:00:00Z,${(row % 9_973) / 100},EUR,completed\n`;
  }
}

async function graphql(url, token, body, headers = {}) {
  const answer = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}`, ...headers }, body });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function upload(url, token, file, mode) {
  const query = 'mutation($input: StartImportInput!) { startImport(input: $input) { import { id } errors { message } } }';
  const form = new FormData();
  form.set('operations', JSON.stringify({ query, variables: { input: { file: null, mode } } }));
  form.set('map', '{"0": ["variables.input.file"]}');
  form.set('0', await openAsBlob(file), basename(file));
  const { startImport } = await graphql(url, token, form, { 'GraphQL-Require-Preflight': '1' });
  if (startImport.errors.length > 0) throw new Error(JSON.stringify(startImport.errors));
  return startImport.import.id;
}

async function over(url, token, id) {
  const query = 'query($id: ID!) { import(id: $id) { state rowsRead rowsWritten failure startedAt finishedAt } }';
  const body = JSON.stringify({ query, variables: { id } });
  for (;;) {
    const job = (await graphql(url, token, body, { 'content-type': 'application/json' })).import;
    if (['DONE', 'FAILED', 'CANCELLED'].includes(job.state)) return job;
    await sleep(200);
  }
}

const [what, ...rest] = process.argv.slice(2);
if (what === 'files') {
  const [folder, adRows, orderRows] = rest;
  await pipeline(Readable.from(adStats(Number(adRows))), createWriteStream(join(folder, 'ad-stats.csv')));
  await pipeline(Readable.from(orders(Number(orderRows))), createWriteStream(join(folder, 'orders.csv')));
} else if (what === 'import') {
  const [url, token, file, mode, pid] = rest;
  const job = await over(url, token, await upload(url, token, file, mode));
  if (job.state !== 'DONE') throw new Error(JSON.stringify(job));
  const seconds = (Date.parse(job.finishedAt) - Date.parse(job.startedAt)) / 1_000;
  const peak = /^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  const cells = [basename(file, '.csv'), mode, job.rowsRead, job.rowsWritten, seconds.toFixed(1),
    Math.round(job.rowsRead / seconds), Math.round(Number(peak[1]) / 1_024)];
  console.log(`| ${cells.join(' | ')} |`);
} else {
  console.error('usage: node bench/imports.mjs files FOLDER AD_ROWS ORDER_ROWS | import URL TOKEN FILE MODE PID');
  process.exit(2);
}
