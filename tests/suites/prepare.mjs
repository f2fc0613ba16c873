// Makes what the suites' documents speak of, and writes the profile with the names of these things.
// prepare.mjs URL TEMPLATE PROFILE, with TOKEN and SECRET in the environment
import fs from 'node:fs';

const [, , url, template, profile] = process.argv;
const { TOKEN, SECRET } = process.env;
const headers = { authorization: `Bearer ${TOKEN}`, 'graphql-require-preflight': '1' };

async function answer(init) {
  const response = await fetch(url, { method: 'POST', ...init });
  const { data, errors } = await response.json();
  if (errors) throw new Error(`${response.status} ${JSON.stringify(errors)}`);
  return data;
}

const ask = (query, variables) =>
  answer({ headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }) });

/** Starts an import of a file of leads; its id. */
async function upload(csv) {
  const form = new FormData();
  const query = 'mutation($f: Upload!) { startImport(input: { file: $f, layout: "leads" }) { import { id } errors { message } } }';
  form.set('operations', JSON.stringify({ query, variables: { f: null } }));
  form.set('map', '{"0": ["variables.f"]}');
  form.set('0', new Blob([csv], { type: 'text/csv' }), 'leads.csv');
  const { startImport } = await answer({ headers, body: form });
  if (startImport.errors.length) throw new Error(JSON.stringify(startImport.errors));
  return startImport.import.id;
}

/** Waits until an import is over, so that who subscribes to it hears once and then the end. */
async function done(id) {
  for (let tries = 0; tries < 300; tries++) {
    const found = await ask('query($id: ID!) { import(id: $id) { state failure } }', { id });
    if (found.import.state === 'DONE') return;
    if (found.import.failure) throw new Error(found.import.failure);
    await new Promise((wait) => setTimeout(wait, 100));
  }
  throw new Error('the import is not done after 30 s');
}

const { viewer, customers } = await ask('{ viewer { eventCursor } customers(first: 1) { nodes { id } } }');
const id = await upload('lead_id,created_at,email,name\nsuites-1,2026-01-01,suites@example.com,Suites\n');
await done(id);

const names = { SECRET, IMPORT: id, CURSOR: viewer.eventCursor, CUSTOMER: customers.nodes[0].id };
const text = fs.readFileSync(template, 'utf8').replace(/\{\{(\w+)\}\}/g, (_, name) => names[name]);
fs.writeFileSync(profile, JSON.stringify(JSON.parse(text), null, 1));
