// Opens GraphiQL in Chromium with every other address blocked, runs one tab and writes a screenshot:
//   node web/check.mjs URL OUT.png [TAB_TITLE]
// Exit status 1 on a console error, a page error, a request to another origin, a GraphQL error in the answer,
// or a token kept in localStorage. CHROMIUM names the browser (default /usr/bin/chromium).
import { chromium } from 'playwright-core';

const [url, screenshot, tab] = process.argv.slice(2);
if (!url || !screenshot) {
  console.error('usage: node check.mjs URL OUT.png [TAB_TITLE]');
  process.exit(2);
}
const { origin } = new URL(url);
const problems = [];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
page.setDefaultTimeout(30_000);

page.on('pageerror', (error) => problems.push(`page error: ${error.message}`));
page.on('console', (message) => {
  if (message.type() === 'error') problems.push(`console error: ${message.text()}`);
});
await page.route(
  ({ origin: asked, protocol }) => asked !== origin && protocol !== 'data:' && protocol !== 'blob:',
  (route) => {
    problems.push(`remote request: ${route.request().url()}`);
    return route.abort();
  },
);

try {
  await page.goto(url);
  // The explorer is filled only once introspection has answered.
  await page.locator('.graphiql-doc-explorer-content').getByText('Root Types').waitFor();
  const title = tab ?? (await page.getByRole('tab').first().innerText()).trim();
  await page.getByRole('tab', { name: title }).click();

  const answered = page.waitForResponse(
    (response) => response.url() === `${origin}/graphql` && response.request().postDataJSON()?.operationName === title,
  );
  await page.getByRole('button', { name: /^Execute query/ }).click();
  const { errors } = await (await answered).json();
  for (const error of errors ?? []) problems.push(`GraphQL error: ${error.message}`);

  await page.locator('.result-window').getByText(errors ? '"errors"' : '"data"').waitFor();
  // Syntax colours and diagnostics arrive from the workers a moment later.
  await page.waitForTimeout(1_000);

  const stored = await page.evaluate(() => JSON.stringify(localStorage));
  if (stored.includes('Bearer ')) problems.push('the token is in localStorage');
} catch (error) {
  problems.push(error.message);
}
await page.screenshot({ path: screenshot });
await browser.close();

for (const problem of problems) console.error(problem);
process.exitCode = problems.length ? 1 : 0;
