// Holds what the suites found against the bars and adds it up.
// judge.mjs RESULTS EXCEPTIONS DEATHS SUITE…: exits with 1 when a bar is missed
import fs from 'node:fs';
import path from 'node:path';

const [, , results, exceptionsFile, deaths, ...suites] = process.argv;
// Of all suites together.
const SHOULD_BAR = 0.95;
const ALL = 7;
const MEMORY_BAR_MIB = 64;
// As much as a small container has.
const PEAK_BAR_MIB = 512;

/** Lines of `suite id: reason`; the rest is comment. */
const exceptions = new Map();
for (const line of fs.readFileSync(exceptionsFile, 'utf8').split('\n')) {
  if (!line.trim() || line.startsWith('#')) continue;
  const found = /^(\w+) (\S+): (.+)$/.exec(line);
  if (!found) throw new Error(`${exceptionsFile}: not understood: ${line}`);
  exceptions.set(`${found[1]} ${found[2]}`, found[3]);
}

let passed = 0;
let failed = 0;
const fail = (what) => {
  failed++;
  console.log(`FAIL ${what}`);
};
const should = { passed: 0, all: 0 };
for (const suite of suites) {
  const file = path.join(results, `${suite}.json`);
  const rows = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file)).rows : [];
  const scored = rows.filter((row) => row.ok !== null && row.level !== 'INFO');
  if (!scored.length) {
    fail(`${suite}: ran nothing`);
    continue;
  }
  const levels = {};
  const excepted = [];
  for (const { id, level, ok, title, detail } of scored) {
    const count = (levels[level] ??= { passed: 0, all: 0 });
    count.all++;
    const reason = exceptions.get(`${suite} ${id}`);
    if (ok) {
      count.passed++;
      passed++;
      if (reason) console.log(`note: ${suite} ${id} passes; its exception may go`);
    } else if (reason && level !== 'MUST') {
      excepted.push(`  except ${id} [${level}]: ${reason}`);
    } else {
      fail(`${suite} ${id} [${level}] ${title} — ${detail}`);
    }
  }
  should.passed += levels.SHOULD?.passed ?? 0;
  should.all += levels.SHOULD?.all ?? 0;
  const skipped = rows.filter((row) => row.ok === null).map((row) => row.id);
  console.log(`${suite}: ${Object.entries(levels).map(([level, n]) => `${level} ${n.passed}/${n.all}`).join(', ')}`);
  excepted.forEach((line) => console.log(line));
  if (skipped.length) console.log(`  did not apply: ${skipped.join(', ')}`);
}

const share = should.all ? should.passed / should.all : 1;
console.log(`SHOULD: ${should.passed} of ${should.all}, ${(share * 100).toFixed(1)} %`);
if (suites.length >= ALL && share < SHOULD_BAR) fail(`SHOULD is under ${SHOULD_BAR * 100} %`);

if (Number(deaths)) fail(`the service died ${deaths} times`);
else passed++;

const memory = path.join(results, 'memory');
if (fs.existsSync(memory)) {
  const [before, after, peak] = fs.readFileSync(memory, 'utf8').trim().split(' ').map(Number);
  const grown = (after - before) / 1024;
  const line = `memory over the whole of security: ${(before / 1024).toFixed(0)} MiB before, grown by ${grown.toFixed(1)} MiB`;
  // Not a number when the service died meanwhile.
  if (grown < MEMORY_BAR_MIB) {
    passed++;
    console.log(line);
  } else fail(`${line}; at most ${MEMORY_BAR_MIB}`);
  const most = `the most memory during security: ${(peak / 1024).toFixed(0)} MiB`;
  if (peak / 1024 < PEAK_BAR_MIB) {
    passed++;
    console.log(most);
  } else fail(`${most}; at most ${PEAK_BAR_MIB}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
