// Writes files for `kpigraph import` into a folder: a year of made-up marketing up to yesterday, the same for the same day.
//   node bench/data.mjs FOLDER
// ad-stats.csv: 30 campaigns × 3 devices × 3 countries × 365 days; orders.csv: 50 000 orders of 20 000 customers.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

const DAYS = 365;
const CAMPAIGNS = 30;
const CHANNELS = ['google_ads', 'facebook_ads', 'linkedin_ads'];
const DEVICES = ['mobile', 'desktop', 'tablet'];
const COUNTRIES = ['US', 'DE', 'JP'];
const ORDERS = 50_000;
const CUSTOMERS = 20_000;
const DAY_MS = 86_400_000;

const folder = process.argv[2];
if (!folder) {
  console.error('usage: node bench/data.mjs FOLDER');
  process.exit(2);
}

// Mulberry32: random enough for figures, and the same everywhere.
let state = 1;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const day = (number) => new Date(today - (DAYS - number) * DAY_MS).toISOString().slice(0, 10);

function* adStats() {
  yield 'date,channel,campaign_id,campaign_name,country,device,impressions,clicks,spend,conversions,conversion_value';
  for (let number = 0; number < DAYS; number++) {
    for (let campaign = 0; campaign < CAMPAIGNS; campaign++) {
      for (const country of COUNTRIES) {
        for (const device of DEVICES) {
          const impressions = 500 + Math.floor(random() * 5_000);
          const clicks = Math.floor(impressions * (0.01 + random() * 0.04));
          const spend = (clicks * (0.4 + random())).toFixed(2);
          const conversions = Math.floor(clicks * random() * 0.1);
          const value = (conversions * (30 + random() * 60)).toFixed(2);
          const channel = CHANNELS[campaign % CHANNELS.length];
          const key = `c${campaign},Bench campaign ${campaign}`;
          yield `${day(number)},${channel},${key},${country},${device},${impressions},${clicks},${spend},${conversions},${value}`;
        }
      }
    }
  }
}

function* orders() {
  yield 'order_id,customer_id,ordered_at,gross,discount,tax,shipping,cost_of_goods';
  for (let number = 0; number < ORDERS; number++) {
    const at = new Date(today - Math.floor(random() * DAYS * DAY_MS)).toISOString();
    const gross = 20 + random() * 200;
    const parts = [gross, gross * 0.05, gross * 0.15, 5, gross * 0.35].map((amount) => amount.toFixed(2));
    yield `o${number},u${Math.floor(random() * CUSTOMERS)},${at},${parts.join(',')}`;
  }
}

async function write(name, rows) {
  const file = createWriteStream(join(folder, name));
  let lines = [];
  for (const row of rows) {
    lines.push(row);
    if (lines.length === 10_000) {
      file.write(`${lines.join('\n')}\n`);
      lines = [];
    }
  }
  file.end(lines.length > 0 ? `${lines.join('\n')}\n` : '');
  await finished(file);
}

await write('ad-stats.csv', adStats());
await write('orders.csv', orders());
