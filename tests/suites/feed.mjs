// Has a source deliver ten times a second, until it is told to stop: subscriptions hear of each delivery.
// feed.mjs URL, with TOKEN in the environment
const query = `mutation ($input: UpsertFiguresInput!) {
  upsertFigures(input: $input) { counts { created } errors { message } }
}`;
const headers = { authorization: `Bearer ${process.env.TOKEN}`, 'content-type': 'application/json' };

let told = false;
for (let value = 1; ; value++) {
  const items = [{ figure: 'brand_searches', date: '2026-06-01', value: String(value) }];
  const body = JSON.stringify({ query, variables: { input: { source: 'suites', items } } });
  try {
    const response = await fetch(process.argv[2], { method: 'POST', headers, body });
    const { errors } = await response.json();
    if (errors && !told) console.error(`feed: ${JSON.stringify(errors)}`);
    told ||= Boolean(errors);
  } catch (problem) {
    // A suite may have the service restart.
    if (!told) console.error(`feed: ${problem}`);
    told = true;
  }
  await new Promise((wait) => setTimeout(wait, 100));
}
