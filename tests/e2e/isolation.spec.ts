/** What the page asks for: its own files, and nothing else. */
import { readdir } from 'node:fs/promises';
import { expect, PAGE, test } from './page/test.ts';
import { DIST, fixture } from './machine/root.ts';

test('below any path of a simple server a dropped archive is opened, and only files of the page are asked for', async ({ site, app, watch }) => {
  const from = site.requests.length;
  await app.visit(site.origin + PAGE);
  await app.drop(fixture('oci-gzip.tar'));
  await app.verified(2);
  await app.walk('etc');
  await app.look('Up to here');
  await app.show('Overview');
  const files = (await readdir(DIST, { recursive: true })).map((file) => `GET ${PAGE}${file}`);
  const known = new Set([`GET ${PAGE}`, ...files]);
  const asked = site.requests.slice(from);
  expect(asked.length).toBeGreaterThan(4);
  expect(asked.filter((request) => !known.has(request))).toEqual([]);
  // The browser itself saw nothing more than the server did.
  expect(watch.requests.map((request) => request.replace(site.origin, '')).filter((request) => !known.has(request))).toEqual([]);
});

test('the sample is one of the files of the page', async ({ site, app }) => {
  await app.visit(site.origin + PAGE);
  await app.page.getByRole('button', { name: 'Open this sample' }).click();
  await app.verified(9);
});

test('without a gateway nothing is kept in the browser but what was opened, and its layers', async ({ site, app }) => {
  await app.visit(site.origin + PAGE);
  await app.choose(fixture('kaniko.tar'));
  await app.settled(2);
  await app.kept(2);
  const kept = await app.page.evaluate(async () => ({
    local: Object.keys(localStorage), session: Object.keys(sessionStorage), cookies: document.cookie,
    databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
  }));
  expect(kept).toMatchObject({ session: [], cookies: '', databases: 0, caches: 0 });
  expect(kept.local.length).toBeLessThanOrEqual(1);
});

test('a foreign request would be seen', async ({ site, app, watch }) => {
  await app.visit(site.origin + PAGE);
  await app.page.evaluate(() => fetch('http://localhost:9/').catch(() => null));
  expect(watch.problems.join()).toContain('foreign request: http://localhost:9/');
  watch.problems.length = 0;
});
