import { expect, test } from './page/test.ts';
import { fixture } from './machine/root.ts';
import type { App } from './page/app.ts';

async function openMap(app: App, startPage: string): Promise<void> {
  await app.visit(startPage);
  await app.choose(fixture('docker-save-25.tar'));
  await app.verified(9);
  await app.show('Treemap');
  await expect(app.panel.locator('canvas')).toHaveAttribute('data-areas', /^[1-9]/);
}

test('the map and its table tell the same figures, which are those of the tree', async ({ gateway, app }) => {
  const { page } = app;
  await openMap(app, gateway.startPage);
  const canvas = app.panel.getByRole('img', { name: /^Treemap of \// });
  const label = (await canvas.getAttribute('aria-label')) ?? '';
  await app.panel.getByRole('radio', { name: 'Table' }).click();
  const rows = app.panel.locator('.map-table tbody tr');
  const largest = rows.first();
  const cells = await largest.locator('td').allInnerTexts();
  const name = (cells[0] ?? '').replace(/\/$/, '');
  expect(label).toContain(name);
  // Visible bytes by directory, as the grid has them.
  const visible = new Map<string, string>();
  for (const row of await rows.all()) {
    const [first = '', size = ''] = await row.locator('td').allInnerTexts();
    visible.set(first.replace(/\/$/, ''), size);
  }
  await app.show('Files');
  let compared = 0;
  for (const [each, size] of visible) {
    const row = app.row(each);
    if ((await row.count()) === 0) continue;
    expect((await row.getByRole('gridcell').nth(2).innerText()).trim().replaceAll(/\s/g, ' ')).toContain(size.replaceAll(/\s/g, ' '));
    compared += 1;
  }
  expect(compared).toBeGreaterThan(2);
  expect(page.url()).toContain('file=');
});

test('a click goes in, the way above leads out, and Back undoes it', async ({ gateway, app }) => {
  const { page } = app;
  await openMap(app, gateway.startPage);
  await app.panel.getByRole('radio', { name: 'Table' }).click();
  await app.panel.getByRole('button', { name: 'var/' }).click();
  const crumb = app.panel.getByRole('navigation', { name: 'Path' });
  await expect(crumb.locator('b')).toHaveText('var');
  expect(page.url()).toContain('path=/var');
  await app.panel.getByRole('button', { name: 'Up' }).click();
  await expect(crumb.locator('b')).toHaveText('/');
  await page.goBack();
  await expect(crumb.locator('b')).toHaveText('var');
  await app.panel.getByRole('radio', { name: 'Map' }).click();
  await expect(app.panel.locator('canvas')).toBeVisible();
  await app.panel.locator('canvas').click({ position: { x: 200, y: 120 } });
  await expect.poll(() => page.url()).toMatch(/path=\/var\/./);
});

test('by keys alone', async ({ gateway, app }) => {
  const { page } = app;
  await openMap(app, gateway.startPage);
  await app.panel.locator('canvas').focus();
  const said = app.panel.locator('.map-said');
  await page.keyboard.press('ArrowRight');
  await expect(said).toContainText('%');
  const first = await said.innerText();
  await page.keyboard.press('End');
  await expect(said).not.toHaveText(first);
  await page.keyboard.press('Home');
  await expect(said).toHaveText(first);
  await page.keyboard.press('Enter');
  await expect.poll(() => page.url()).toMatch(/path=\/./);
  const inside = new URL(page.url()).searchParams.get('path') ?? '';
  await app.panel.locator('canvas').focus();
  await page.keyboard.press('Backspace');
  const outside = inside.slice(0, inside.lastIndexOf('/'));
  await expect.poll(() => new URL(page.url()).searchParams.get('path') ?? '').toBe(outside);
});

test('what was deleted is shown or left out, and each layer has its own map', async ({ gateway, app }) => {
  await openMap(app, gateway.startPage);
  const figures = app.panel.locator('.figures');
  await expect(figures).toContainText('deleted');
  await app.panel.getByRole('button', { name: 'Show deleted' }).click();
  await expect(figures).not.toContainText('deleted');
  await app.look('This layer');
  await expect(app.panel.locator('canvas, .empty')).toBeVisible();
});

test('a link shows the same colours and the same figures', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(`${gateway.origin}/?sample&tab=treemap`);
  await app.panel.getByRole('radio', { name: 'By change' }).click();
  await app.panel.getByRole('radio', { name: 'Table' }).click();
  await expect(page).toHaveURL(/colour=change&map=table/);
  await page.reload();
  await expect(app.panel.locator('.map-table')).toBeVisible();
  await expect(app.panel.getByRole('radio', { name: 'By change' })).toHaveAttribute('aria-checked', 'true');
  await app.panel.getByRole('radio', { name: 'Map' }).click();
  await app.panel.getByRole('radio', { name: 'By layer' }).click();
  expect(page.url()).not.toMatch(/colour=|map=/);
});
