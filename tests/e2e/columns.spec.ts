import type { Page } from '@playwright/test';
import { fixture, LAYERSCOPE } from './machine/root.ts';
import { run } from './machine/program.ts';
import { layoutFaults } from './page/layout.ts';
import { expect, test } from './page/test.ts';

/** The columns that are seen: what each head says, and its place among all. */
const seen = (page: Page): Promise<string[]> =>
  page.getByRole('treegrid').locator('.head [role=columnheader]').evaluateAll((heads) => heads.filter((head) => head.checkVisibility()).map((head) => `${head.getAttribute('aria-colindex')} ${(head.textContent ?? '').trim()}`));

test('columns are chosen, kept, linked, and each cell knows its place', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.startPage);
  await app.choose(fixture('docker-save-25.tar'));
  await app.verified(9);
  await expect(app.grid).toHaveAttribute('aria-colcount', '7');
  expect(await seen(page)).toEqual(['1 Change', '2 Name', '3 Size', '4 Mode', '5 Owner', '7 By']);
  await page.getByRole('button', { name: 'Columns' }).click();
  const menu = page.getByRole('group', { name: 'Columns' });
  await expect(menu.getByRole('button', { name: 'Size bar' })).toHaveAttribute('aria-pressed', 'true');
  await menu.getByRole('button', { name: 'Modified' }).click();
  await menu.getByRole('button', { name: 'Mode' }).click();
  await expect.poll(() => seen(page)).toEqual(['1 Change', '2 Name', '3 Size', '5 Owner', '6 Modified', '7 By']);
  await expect(page).toHaveURL(/cols=size,bar,owner,mtime/);
  // Times are those that the command line lists, to the minute.
  const listed = JSON.parse(await run(LAYERSCOPE, ['ls', '--json', fixture('docker-save-25.tar')])) as { path: string; mtime: string }[];
  const apple = listed.find(({ path }) => path === '/apple.txt')?.mtime ?? '';
  const cell = app.row('apple.txt').locator('[aria-colindex="6"]');
  await expect(cell).toHaveText(`${apple.slice(0, 10)} ${apple.slice(11, 16)}`);
  // Without the bar the size keeps its column; without both there is none.
  await menu.getByRole('button', { name: 'Size bar' }).click();
  await expect(app.row('apple.txt').locator('.core-h')).toBeHidden();
  await expect(app.row('apple.txt').locator('[aria-colindex="3"]')).toContainText('B');
  await menu.getByRole('button', { name: 'Size', exact: true }).click();
  await expect.poll(() => seen(page)).toEqual(['1 Change', '2 Name', '5 Owner', '6 Modified', '7 By']);

  // The next visit remembers; a link says otherwise; and the usual columns come back.
  await page.goto('about:blank');
  await app.visit(`${gateway.origin}/?sample`);
  await app.verified(9);
  expect(await seen(page)).toEqual(['1 Change', '2 Name', '5 Owner', '6 Modified', '7 By']);
  await app.visit(`${gateway.origin}/?sample&cols=mode`);
  await app.seen(9);
  expect(await seen(page)).toEqual(['1 Change', '2 Name', '4 Mode', '7 By']);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('columns usual');
  await page.keyboard.press('Enter');
  await expect.poll(() => seen(page)).toEqual(['1 Change', '2 Name', '3 Size', '4 Mode', '5 Owner', '7 By']);
  expect(page.url()).not.toContain('cols');
  await page.goto('about:blank');
  await app.visit(`${gateway.origin}/?sample`);
  await app.seen(9);
  expect(await seen(page)).toContain('4 Mode');
});

test('each column that is chosen sorts', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.startPage);
  await app.choose(fixture('kinds.tar'));
  await app.settled(1);
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('group', { name: 'Columns' }).getByRole('button', { name: 'Modified' }).click();
  await page.keyboard.press('Escape');
  interface Listed { readonly path: string; readonly mode: number; readonly uid: number; readonly gid: number; readonly mtime: string }
  const listed = JSON.parse(await run(LAYERSCOPE, ['ls', '--json', fixture('kinds.tar')])) as Listed[];
  // A directory that no layer has written has none of this, and is last. Equal ones stay in the order of their names.
  const isWritten = ({ path }: Listed): boolean => path !== '/a-long-name';
  const sorted = (by: (a: Listed, b: Listed) => number): string[] => [...listed.filter(isWritten).sort(by), ...listed.filter((each) => !isWritten(each))].map(({ path }) => path.slice(1));
  const orders: Readonly<Record<string, string[]>> = {
    Mode: sorted((a, b) => (b.mode & 0o7777) - (a.mode & 0o7777)),
    Owner: sorted((a, b) => a.uid - b.uid || a.gid - b.gid),
    Modified: sorted((a, b) => Math.floor(Date.parse(b.mtime) / 1000) - Math.floor(Date.parse(a.mtime) / 1000)),
  };
  // They are three orders, none of which is that of the names.
  expect(new Set([...Object.values(orders), listed.map(({ path }) => path.slice(1))].map((names) => names.join())).size).toBe(4);
  for (const [name, order] of Object.entries(orders)) {
    const head = page.getByRole('columnheader', { name });
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', name === 'Owner' ? 'ascending' : 'descending');
    await expect.poll(async () => (await app.names()).slice(0, 12)).toEqual(order.slice(0, 12));
    expect(page.url()).toContain(`sort=${name === 'Modified' ? 'mtime' : name.toLowerCase()}`);
  }
});

test.describe('in a narrow window', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('what was chosen is shown, and the grid scrolls', async ({ gateway, app }) => {
    const { page } = app;
    await app.visit(`${gateway.origin}/?sample`);
    await app.verified(9);
    expect(await seen(page)).toEqual(['1 Change', '2 Name', '3 Size', '7 By']);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('show column modified');
    await page.keyboard.press('Enter');
    await expect.poll(() => seen(page)).toHaveLength(7);
    const scroll = page.locator('file-tree > .scroll');
    expect(await scroll.evaluate((box) => box.scrollWidth > box.clientWidth)).toBe(true);
    expect(await layoutFaults(page)).toEqual([]);
  });
});

test('directories open to a depth', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.startPage);
  await app.choose(fixture('docker-save-25.tar'));
  await app.verified(9);
  const listed = JSON.parse(await run(LAYERSCOPE, ['ls', '-R', '--json', fixture('docker-save-25.tar')])) as { path: string }[];
  const upTo = (level: number): number => listed.filter(({ path }) => path !== '/' && path.split('/').length - 1 <= level).length;
  // What was deleted is in no listing.
  await page.getByRole('button', { name: 'Show deleted' }).click();
  for (const depth of [2, 1, 3, 1]) {
    await page.keyboard.press('x');
    await page.keyboard.press(String(depth));
    await expect(app.grid).toHaveAttribute('aria-rowcount', String(upTo(depth + 1) + 1));
  }
  await page.keyboard.press('x');
  await page.keyboard.press('a');
  await expect(app.grid).toHaveAttribute('aria-rowcount', String(upTo(99) + 1));
  expect(upTo(99)).toBeGreaterThan(upTo(2));
  await page.keyboard.press('x');
  await page.keyboard.press('c');
  await expect(app.grid).toHaveAttribute('aria-rowcount', String(upTo(1) + 1));
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('depth 2');
  await page.keyboard.press('Enter');
  await expect(app.grid).toHaveAttribute('aria-rowcount', String(upTo(3) + 1));
});
