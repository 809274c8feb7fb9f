/** What the page may cost: bytes of script, the time until something is seen, and nothing that jumps. */
import { readdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { DIST } from './machine/root.ts';
import { expect, test } from './page/test.ts';

/** All scripts together, as a server sends them. */
const SCRIPTS = 150_000;
/** Those that a visit needs before its first image. */
const FIRST = 95_000;
const FIRST_PAINT_MS = 1000;

const sizeOf = async (name: string): Promise<number> => gzipSync(await readFile(`${DIST}/assets/${name}`), { level: 9 }).length;

test('the scripts stay small', async ({ gateway, app, watch }) => {
  const scripts = (await readdir(`${DIST}/assets`)).filter((name) => name.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(5);
  const sizes = await Promise.all(scripts.map(sizeOf));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(SCRIPTS);
  // The start page loads no view that it does not show, and no other language.
  const languages = (await readdir(`${DIST}/assets`)).filter((name) => name.endsWith('.json'));
  expect(languages).toHaveLength(1);
  await app.visit(gateway.startPage);
  await expect(app.page.getByRole('button', { name: 'Open this sample' })).toBeVisible();
  const loaded = watch.requests.map((request) => /assets\/([^/]+\.js)$/.exec(request)?.[1]).filter((name) => name !== undefined);
  expect(loaded.filter((name) => /^(overview|waste|raw|size-map|mount|command-palette|export)-/.test(name))).toEqual([]);
  expect(watch.requests.filter((request) => request.endsWith('.json'))).toEqual([]);
  expect((await Promise.all([...new Set(loaded)].map(sizeOf))).reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(FIRST);
});

for (const width of [1440, 390]) test(`something is seen soon, and nothing jumps afterwards (${width} px wide)`, async ({ gateway, app }) => {
  const { page } = app;
  await page.setViewportSize({ width, height: 850 });
  await page.addInitScript(() => {
    const shifts: { value: number; at: number; what: string[] }[] = [];
    (window as unknown as { shifts: typeof shifts }).shifts = shifts;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node: Node | null }[] })[]) {
        if (!entry.hadRecentInput) shifts.push({ value: entry.value, at: entry.startTime, what: entry.sources.map(({ node }) => (node instanceof Element ? `${node.tagName}.${node.className}` : String(node?.nodeName))) });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  const shifts = (): Promise<unknown[]> => page.evaluate(() => (window as unknown as { shifts: unknown[] }).shifts);
  await app.visit(gateway.startPage);
  await expect(page.getByRole('button', { name: 'Open this sample' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(await shifts()).toEqual([]);
  // Of a few visits the quickest tells what the page itself takes; the others tell what else the machine did.
  const paints: number[] = [];
  for (let visit = 0; visit < 5; visit += 1) {
    if (visit > 0) await page.reload();
    await expect(page.getByRole('button', { name: 'Open this sample' })).toBeVisible();
    // What is there is not always painted yet.
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
    paints.push(...(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint').map(({ startTime }) => startTime))));
  }
  expect(paints).toHaveLength(5);
  expect(Math.min(...paints)).toBeLessThan(FIRST_PAINT_MS);
});
