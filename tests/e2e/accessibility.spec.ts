import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { TABS } from './page/app.ts';
import { expect, test } from './page/test.ts';
import { fixture } from './machine/root.ts';

const SIZES = [{ width: 1440, height: 900 }, { width: 390, height: 844 }] as const;

/** What axe objects to, with the elements. */
async function violations(page: Page): Promise<string[]> {
  const { violations, passes } = await new AxeBuilder({ page }).analyze();
  // It has seen a page, not an empty one.
  expect(passes.length).toBeGreaterThan(10);
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}

for (const viewport of SIZES) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${viewport.width} ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test('the start page has no barrier', async ({ gateway, app }) => {
        await app.visit(gateway.startPage);
        expect(await violations(app.page)).toEqual([]);
      });

      test('no tab of an image has a barrier', async ({ gateway, app }) => {
        test.slow();
        await app.visit(gateway.url);
        await app.settled(9);
        for (const tab of TABS) {
          await app.tab(tab).click();
          await expect(app.tab(tab)).toHaveAttribute('aria-selected', 'true');
          // What is loaded for it has come.
          await expect(app.panel.locator('.card, .grid').first()).toBeVisible();
          await expect(app.panel.getByText('Reading…')).toHaveCount(0);
          expect.soft(await violations(app.page), tab).toEqual([]);
        }
      });

      test('two images side by side have no barrier', async ({ gateway, app }) => {
        await app.visit(`${gateway.origin}/?sample&tab=compare&compare-platform=linux/arm64/v8&path=/etc/machine`);
        await app.page.getByRole('button', { name: 'Compare line by line' }).click();
        await expect(app.page.locator('.dl.added')).toBeVisible();
        expect(await violations(app.page)).toEqual([]);
      });

      test('neither the palette, nor the help, nor the list of work, nor the table of sizes has a barrier', async ({ gateway, app }) => {
        test.slow();
        const { page } = app;
        await app.visit(gateway.url);
        await app.settled(9);
        await app.show('Treemap');
        await app.panel.getByRole('radio', { name: 'Table' }).click();
        await expect(app.panel.locator('.map-table')).toBeVisible();
        expect.soft(await violations(page), 'table').toEqual([]);
        await page.getByRole('button', { name: 'Show all work' }).click();
        await expect(page.locator('.tray')).toBeFocused();
        expect.soft(await violations(page), 'work').toEqual([]);
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+k');
        await expect(page.getByRole('combobox')).toBeFocused();
        expect.soft(await violations(page), 'palette').toEqual([]);
        await page.getByRole('combobox').fill('this help');
        await page.keyboard.press('Enter');
        await expect(page.getByRole('dialog', { name: 'Help' })).toBeVisible();
        expect.soft(await violations(page), 'help').toEqual([]);
      });

      test('what went wrong is told without barriers', async ({ gateway, app }) => {
        await app.visit(gateway.startPage);
        await app.choose(fixture('mismatched-layer.tar'));
        await app.settled(2);
        await app.page.keyboard.press('e');
        await expect(app.details.locator('[data-error]')).toBeVisible();
        expect.soft(await violations(app.page)).toEqual([]);
        await app.drop(fixture('no-manifest.tar'));
        await expect(app.page.locator('[data-error=no-manifest]')).toBeVisible();
        expect.soft(await violations(app.page)).toEqual([]);
      });
    });
  }
}

test('a barrier would be seen', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.page.evaluate(() => document.body.append(document.createElement('button')));
  expect((await violations(app.page)).join()).toContain('button-name');
});
