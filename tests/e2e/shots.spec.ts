/** Pictures of every view for people to look at, at three widths in light and dark and some in Japanese; and what must hold of each. */
import { mkdir } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { fixture, ROOT } from './machine/root.ts';
import { TABS, type App } from './page/app.ts';
import { layoutFaults } from './page/layout.ts';
import { expect, test } from './page/test.ts';

const SHOTS = `${ROOT}test-results/shots`;
const SIZES = [{ width: 1440, height: 900 }, { width: 1024, height: 768 }, { width: 390, height: 844 }] as const;

/** Takes a picture, and looks for faults. Nothing moves while it does. */
async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  await page.screenshot({ path: `${SHOTS}/${name}.png`, animations: 'disabled' });
  expect.soft(await layoutFaults(page), name).toEqual([]);
}

/** A tab with all that is loaded for it. */
async function tab(app: App, id: string): Promise<void> {
  await app.page.locator(`#tab-${id}`).click();
  await expect(app.page.locator(`#tab-${id}`)).toHaveAttribute('aria-selected', 'true');
  await expect(app.panel.locator('.card, .grid').first()).toBeVisible();
  await expect(app.panel.locator('.card [role=status]').filter({ hasText: /^(Reading…|読み込み中…|読み込んでいます…)$/ })).toHaveCount(0);
  const canvas = app.panel.locator('canvas');
  if ((await canvas.count()) === 0) return;
  await expect(canvas).toHaveAttribute('data-areas', /^[1-9]/);
  // What is in the largest directories is asked for when they are drawn.
  let before: string | null = null;
  await expect
    .poll(async () => {
      const areas = await canvas.getAttribute('data-areas');
      const same = areas === before;
      before = areas;
      return same;
    }, { intervals: [200] })
    .toBe(true);
}

async function openImage(app: App, address: string): Promise<void> {
  await app.page.goto('about:blank');
  await app.visit(address);
  await app.choose(fixture('docker-save-25.tar'));
  await app.verified(9);
}

for (const viewport of SIZES) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${viewport.width} ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test('every view fits its window', async ({ gateway, app, watch }) => {
        test.slow();
        const { page } = app;
        await mkdir(SHOTS, { recursive: true });
        const take = (name: string): Promise<void> => shoot(page, `${name}-${viewport.width}-${colorScheme}`);
        await app.visit(gateway.startPage);
        await take('start');
        await openImage(app, gateway.startPage);
        for (const each of TABS.map((name) => name.toLowerCase())) {
          await tab(app, each);
          await take(each);
        }
        await tab(app, 'compare');
        await page.locator('#other-file').setInputFiles(fixture('facts.tar'));
        await expect(app.panel.locator('compare-tree .body [role=row] .n').first()).toBeVisible();
        await expect(app.panel.getByText('Reading…')).toHaveCount(0);
        await take('compared');
        await tab(app, 'treemap');
        await app.panel.getByRole('radio', { name: 'Table' }).click();
        await take('treemap-table');
        await tab(app, 'files');
        await app.row('apple.txt').click();
        await expect(app.details.getByLabel('Text')).toContainText('Two a day.');
        await take('file');
        await page.getByRole('button', { name: 'Show all work' }).click();
        await expect(page.locator('.tray')).toBeFocused();
        await take('work');
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox').fill('copy');
        await take('palette');
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog')).toHaveCount(0);
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox').fill('help');
        await page.keyboard.press('Enter');
        await expect(page.getByRole('dialog')).toBeVisible();
        await take('help');
        await page.goto('about:blank');
        await app.visit(gateway.startPage);
        await app.choose(fixture('mismatched-layer.tar'));
        await app.settled(2);
        await page.keyboard.press('e');
        await expect(app.details.locator('[data-error]')).toBeVisible();
        await take('mismatch');
        await app.drop(fixture('attached.tar'));
        await app.settled(2);
        await tab(app, 'attestations');
        await expect(app.panel.locator('.statement').nth(5)).toBeVisible();
        await take('attached');
        await app.drop(fixture('no-manifest.tar'));
        await expect(page.locator('[data-error=no-manifest]')).toBeVisible();
        await take('no-image');
        watch.allow(/status of 403/);
        await page.goto('about:blank');
        await app.visit(gateway.startPage);
        await app.open('registry.example/fruit:1');
        await expect(page.locator('[data-error=host-not-allowed]')).toBeVisible();
        await take('refused');
        await app.drop(fixture('hostile-names.tar'));
        await app.settled(1);
        await expect(app.rows).toHaveCount(6);
        await take('hostile-names');
      });
    });
  }
}

test.describe('Japanese', () => {
  test.use({ locale: 'ja-JP' });

  test('nine views in Japanese fit, too', async ({ gateway, app }) => {
    test.slow();
    await mkdir(SHOTS, { recursive: true });
    await app.visit(gateway.startPage);
    await shoot(app.page, 'start-ja');
    await app.page.locator('#pick-file').setInputFiles(fixture('docker-save-25.tar'));
    await app.verified(9);
    for (const each of ['overview', 'files', 'history', 'treemap', 'waste', 'platforms', 'attestations', 'raw']) {
      await tab(app, each);
      await shoot(app.page, `${each}-ja`);
    }
  });
});
