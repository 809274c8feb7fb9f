/** An archive that is larger than any memory the page may use. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { writeBigArchive, type BigArchive } from './archives/big.ts';
import { expect, test as base } from './page/test.ts';
import type { Page } from '@playwright/test';

const test = base.extend<object, { big: BigArchive & { readonly path: string } }>({
  big: [
    async ({}, use) => {
      const directory = await mkdtemp(`${tmpdir()}/layerscope-big-`);
      const path = `${directory}/big.tar`;
      await use({ path, ...(await writeBigArchive(path)) });
      await rm(directory, { recursive: true });
    },
    { scope: 'worker', timeout: 300_000 },
  ],
});

test.describe.configure({ mode: 'default', timeout: 300_000 });

/** Has the browser tell of every task that keeps the page's thread for more than 50 ms. */
async function observeLongTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(globalThis, { longTasks: seen });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.push(duration);
    }).observe({ type: 'longtask' });
  });
}

/** The longest of them so far, in milliseconds. */
function longestTask(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, ...(globalThis as unknown as { longTasks: number[] }).longTasks));
}

/** Bytes of all wasm memory that belongs to the page. */
function memory(page: Page): Promise<{ bytes: number; peak: number }> {
  return page.evaluate(() => {
    type App = HTMLElement & { model: { client: { request(op: 'memory'): Promise<{ bytes: number; peak: number }> } } };
    return (document.querySelector('layerscope-app') as App).model.client.request('memory');
  });
}

test('two gigabytes are verified and browsed in little memory, and the page never stalls', async ({ gateway, app, big }, info) => {
  const { page } = app;
  expect(big.size).toBeGreaterThan(2_000_000_000);
  await app.visit(gateway.startPage);

  // What would be a stall is seen: work that a timer starts, because work of the test itself is not reported.
  await observeLongTasks(page);
  await page.evaluate(() => {
    setTimeout(() => {
      const end = performance.now() + 150;
      while (performance.now() < end);
    });
  });
  await expect.poll(() => longestTask(page)).toBeGreaterThanOrEqual(150);
  await page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks.splice(0));

  await app.choose(big.path);
  await expect(app.layers).toHaveCount(big.layers);
  await expect.poll(() => app.states(), { timeout: 240_000 }).toEqual(Array(big.layers).fill('verified'));

  for (const { path: [directory = '', name = ''], text } of big.files) {
    await app.walk(directory);
    await app.row(name).click();
    await expect(app.details.getByLabel('Text').or(app.details.getByLabel('Bytes in hex'))).toBeVisible();
    await app.subtab('Hex');
    await expect(app.details.getByLabel('Bytes in hex')).toContainText(text.slice(0, 16));
    await app.row(directory).click();
  }
  await app.walk('small', '119');
  await page.keyboard.type('11999');
  await expect(page.locator(':focus')).toContainText('11999.txt');
  await app.filter.fill('/7777');
  await expect(app.row('7777.txt')).toBeVisible();
  await app.filter.fill('');

  const longest = await longestTask(page);
  const { peak } = await memory(page);
  info.annotations.push({ type: 'figures', description: `longest task ${longest} ms, wasm at most ${peak} bytes` });
  expect(peak).toBeGreaterThan(1_000_000);
  expect(peak).toBeLessThan(256_000_000);
  expect(longest).toBeLessThanOrEqual(100);
});

test('reading can be stopped, keeps what is known, and goes on where it is told to', async ({ gateway, app, big }) => {
  const { page } = app;
  await app.visit(gateway.startPage);
  await app.choose(big.path);
  await expect(app.layer(0)).toHaveAttribute('data-state', 'verifying');
  await expect(page.getByRole('progressbar', { name: 'Layers read' })).toBeVisible();
  await page.getByRole('contentinfo').getByRole('button', { name: 'Cancel' }).click();
  await expect(app.layers.and(page.locator('[data-state=verifying]'))).toHaveCount(0);
  await expect(app.layer(0)).toHaveAttribute('data-state', 'pending');
  await expect(page.getByRole('contentinfo')).toContainText('Stopped at');
  const { bytes } = await memory(page);
  // The workers are gone; only the session is left.
  expect(bytes).toBeLessThan(32_000_000);

  await page.getByRole('contentinfo').getByRole('button', { name: 'Go on' }).click();
  await expect(app.layer(0)).toHaveAttribute('data-state', 'verifying');
  await expect.poll(() => app.states(), { timeout: 240_000 }).toEqual(Array(big.layers).fill('verified'));
});
