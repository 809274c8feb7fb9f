import { expect, test } from './page/test.ts';
import { fixture } from './machine/root.ts';

test('the palette finds every action, and does it', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.url);
  await app.verified(9);
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Commands' });
  const field = palette.getByRole('combobox');
  await expect(field).toBeFocused();
  const options = palette.getByRole('option');
  expect(await options.count()).toBeGreaterThan(40);

  // What is typed leaves what fits, with what fits in bold, and Enter does the first of it.
  await field.pressSequentially('history');
  await expect(options.first()).toHaveText(/Go to History/);
  await expect(options.first().locator('b')).toHaveText('History');
  await page.keyboard.press('Enter');
  await expect(palette).toHaveCount(0);
  await expect(app.tab('History')).toHaveAttribute('aria-selected', 'true');

  // The arrows go round, and what is active is named to those who do not see it.
  await page.keyboard.press(':');
  await expect(field).toBeFocused();
  await field.fill('scope layer');
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowUp');
  await expect(options.last()).toHaveAttribute('aria-selected', 'true');
  await expect(field).toHaveAttribute('aria-activedescendant', (await options.last().getAttribute('id')) ?? '');
  await page.keyboard.press('ArrowDown');
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Escape');
  await expect(palette).toHaveCount(0);

  // A text that names no action looks for files.
  await page.keyboard.press('Control+k');
  await field.fill('banana');
  // Layers have the word in their instructions, too.
  await expect(options.filter({ hasText: 'RUN touch banana.txt' })).toBeVisible();
  await expect(options.last()).toContainText('Find files');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect.poll(() => app.names()).toEqual(['banana.txt']);
  await expect(app.filter).toHaveValue('banana');
});

test('in the tree, too, the palette opens by its keys alone', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.url);
  await app.verified(9);
  await app.row('apple.txt').click();
  await page.keyboard.press(':');
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible();
  await page.keyboard.press('Escape');
  await app.filter.focus();
  await page.keyboard.type('a:b');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(app.filter).toHaveValue('a:b');
});

test('the help tells the keys of the same table, and they act', async ({ gateway, app, context }) => {
  const { page } = app;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await app.visit(gateway.url);
  await app.verified(9);
  await page.keyboard.press('?');
  const help = page.getByRole('dialog');
  await expect(help).toContainText('Next finding');
  await expect(help).toContainText('Copy digest of the layer');
  await page.keyboard.press('Escape');

  const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
  await page.keyboard.press('c');
  await page.keyboard.press('d');
  await expect.poll(clipboard).toMatch(/^sha256:[0-9a-f]{64}$/);
  await page.keyboard.press('c');
  await page.keyboard.press('l');
  await expect.poll(clipboard).toBe(page.url());
  expect(await clipboard()).not.toContain('secret');

  // From one finding to the next, and round again.
  await page.goto('about:blank');
  await app.visit(gateway.startPage);
  await app.choose(fixture('kinds.tar'));
  await app.settled(1);
  const places = new Set<string>();
  for (let step = 0; step < 4; step += 1) {
    const before = page.url();
    await page.keyboard.press('n');
    await expect.poll(() => page.url()).not.toBe(before);
    places.add(page.url());
  }
  expect(places.size).toBeGreaterThan(1);
});

test('all directories open and close at once', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.url);
  await app.verified(9);
  await expect(app.grid.getByRole('row', { name: /^apple.txt/ })).toBeVisible();
  const closed = await app.grid.getAttribute('aria-rowcount');
  // What is typed while the palette opens is not lost.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('open all');
  await expect(page.getByRole('combobox')).toHaveValue('open all');
  await page.keyboard.press('Enter');
  await expect.poll(() => app.grid.getAttribute('aria-rowcount').then(Number)).toBeGreaterThan(Number(closed));
  await page.keyboard.press('Control+k');
  await page.keyboard.type('close all');
  await expect(page.getByRole('combobox')).toHaveValue('close all');
  await page.keyboard.press('Enter');
  await expect(app.grid).toHaveAttribute('aria-rowcount', closed ?? '');
});

test('the palette speaks Japanese, and is found in English all the same', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.startPage);
  await app.choose(fixture('docker-save-25.tar'));
  await app.settled(9);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('日本語');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'コマンド' });
  await expect(palette.getByRole('option', { name: 'ライト／ダーク切り替え' })).toBeVisible();
  await page.getByRole('combobox').fill('export waste csv');
  await expect(palette.getByRole('option').first()).toContainText('CSV');
});
