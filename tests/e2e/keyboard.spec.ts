import { CHECKS, PLACES } from './keyboard/checks.ts';
import { press, tableRows } from './keyboard/rows.ts';
import { expect, test } from './page/test.ts';

test('from the start page to the content of a file without a mouse', async ({ gateway, app }) => {
  const { page } = app;
  const focused = page.locator(':focus');
  await app.visit(gateway.startPage);
  // To the sample, by the order of the page.
  for (let step = 0; step < 20 && (await page.evaluate(() => document.activeElement?.id)) !== 'open-sample'; step += 1) await page.keyboard.press('Tab');
  await expect(focused).toHaveAttribute('id', 'open-sample');
  await page.keyboard.press('Enter');
  await app.verified(9);

  // The link that skips leads past the layers, and from there it is not far to the tree.
  await page.locator('a.skip').focus();
  await page.keyboard.press('Enter');
  await expect(app.panel.locator(':focus')).toHaveCount(1);
  for (let step = 0; step < 12 && (await page.evaluate(() => document.activeElement?.role)) !== 'row'; step += 1) await page.keyboard.press('Tab');
  await expect(focused).toHaveAttribute('role', 'row');
  await page.keyboard.press('Home');
  await expect(focused).toContainText('apple.txt');
  await page.keyboard.press('End');
  await expect(focused).toContainText('果物');

  // Letters jump; arrows open, enter, and lead back.
  await page.keyboard.press('u');
  await expect(focused).toContainText('usr');
  await page.keyboard.press('ArrowRight');
  await expect(focused).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(focused).toContainText('bin');
  await page.keyboard.press('ArrowRight');
  await expect(focused).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowDown');
  await expect(focused).toContainText('core');
  await page.keyboard.press('ArrowLeft');
  await expect(focused).toContainText('bin');
  await page.keyboard.press('ArrowLeft');
  await expect(focused).toHaveAttribute('aria-expanded', 'false');

  // Enter goes into the details.
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(app.details.getByLabel('Text')).toContainText('Two a day.');
  await expect(app.details.locator(':focus')).toHaveAttribute('role', 'tab');
  await page.keyboard.press('ArrowRight');
  await expect(app.details.getByLabel('Bytes in hex')).toBeVisible();
});

test('single keys lead everywhere', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.url);
  await app.verified(9);
  await page.keyboard.press('1');
  await expect(app.tab('Overview')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('2');
  await expect(app.tab('Files')).toHaveAttribute('aria-selected', 'true');
  for (const [key, tab] of [['3', 'History'], ['0', 'Compare'], ['j', 'Raw'], ['m', 'Mount'], ['2', 'Files']] as const) {
    await page.keyboard.press(key);
    await expect(app.tab(tab)).toHaveAttribute('aria-selected', 'true');
  }
  await page.keyboard.press('v');
  await expect(page.getByRole('radio', { name: 'This layer' })).toHaveAttribute('aria-checked', 'true');
  await page.keyboard.press('v');
  await page.keyboard.press('v');
  await expect(page.getByRole('radio', { name: 'Whole image' })).toHaveAttribute('aria-checked', 'true');
  await page.keyboard.press('/');
  await expect(app.filter).toBeFocused();
  await page.keyboard.type('banana');
  await expect.poll(() => app.names()).toEqual(['banana.txt']);
  await page.keyboard.press('Escape');
  await expect(app.row('apple.txt')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(app.filter).not.toBeFocused();
  await page.keyboard.press(']');
  await expect(app.layer(7)).toHaveAttribute('aria-current', 'true');
  await page.keyboard.press('[');
  await expect(app.layer(8)).toHaveAttribute('aria-current', 'true');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.keyboard.press('i');
  await expect(page.getByLabel('Image reference')).toBeFocused();
});

test('tabs, radios and menus follow the arrows', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.url);
  await app.verified(9);
  await app.tab('Files').focus();
  await page.keyboard.press('ArrowRight');
  await expect(app.tab('History')).toBeFocused();
  await expect(app.tab('History')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('radio', { name: 'Whole image' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('radio', { name: 'Up to here' })).toHaveAttribute('aria-checked', 'true');
  await page.getByRole('button', { name: 'Platform linux/amd64' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('listbox', { name: 'Platform' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Platform linux/arm64/v8' })).toBeFocused();
  await app.verified(9);
});

// ---- docs/keyboard.md ----------------------------------------------------------------------------

const ROWS = tableRows();

test('each row of the table has its check, and each check its row', () => {
  const named = ROWS.map(({ what }) => what);
  expect(named.length).toBeGreaterThanOrEqual(40);
  expect(new Set(named).size).toBe(named.length);
  expect(named.toSorted()).toEqual(Object.keys(CHECKS).toSorted());
  expect([...new Set(ROWS.map(({ where }) => where))]).toEqual(Object.keys(PLACES));
});

for (const [where, begin] of Object.entries(PLACES)) {
  test(`by keyboard alone: ${where.toLowerCase()}`, async ({ gateway, app, context }) => {
    const { page } = app;
    const rows = ROWS.filter((row) => row.where === where);
    test.setTimeout(20_000 + 10_000 * rows.length);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    for (const row of rows) {
      await test.step(row.what, async () => {
        await page.goto('about:blank');
        await begin(app, gateway.origin);
        await CHECKS[row.what]?.({ app, page, press: () => press(page, row) });
        // What a row chose is no part of the next one.
        await page.evaluate(() => localStorage.clear());
      });
    }
  });
}
