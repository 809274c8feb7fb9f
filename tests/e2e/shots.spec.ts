/** Pictures of the main views for people to look at, at three widths in light and dark; and nothing is wider than its window. */
import { mkdir } from 'node:fs/promises';
import { ROOT, fixture } from './machine/root.ts';
import { TABS } from './page/app.ts';
import { expect, test } from './page/test.ts';

const SHOTS = `${ROOT}test-results/shots`;
const SIZES = [{ width: 1440, height: 900 }, { width: 1024, height: 768 }, { width: 390, height: 844 }] as const;

for (const viewport of SIZES) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${viewport.width} ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test('every view fits its window', async ({ gateway, app, watch }) => {
        test.slow();
        const { page } = app;
        await mkdir(SHOTS, { recursive: true });
        const shoot = async (name: string): Promise<void> => {
          await page.screenshot({ path: `${SHOTS}/${name}-${viewport.width}-${colorScheme}.png`, animations: 'disabled' });
          const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
          expect.soft(inner, `${name} is wider than the window`).toBeLessThanOrEqual(outer ?? 0);
        };
        await app.visit(gateway.startPage);
        await shoot('start');
        await page.getByRole('button', { name: 'Open this sample' }).click();
        await app.settled(9);
        for (const tab of TABS) {
          await app.tab(tab).click();
          await expect(app.tab(tab)).toHaveAttribute('aria-selected', 'true');
          await expect(page.getByText('Reading…')).toHaveCount(0);
          await shoot(tab.toLowerCase());
        }
        await app.tab('Files').click();
        await app.row('apple.txt').click();
        await expect(app.details.getByLabel('Text')).toContainText('Two a day.');
        await shoot('file');
        await page.goto('about:blank');
        await app.visit(gateway.startPage);
        await app.choose(fixture('mismatched-layer.tar'));
        await app.settled(2);
        await page.keyboard.press('e');
        await expect(app.details.locator('[data-error]')).toBeVisible();
        await shoot('mismatch');
        await app.drop(fixture('no-manifest.tar'));
        await expect(page.locator('[data-error=no-manifest]')).toBeVisible();
        await shoot('no-image');
        watch.allow(/status of 403/);
        await page.goto('about:blank');
        await app.visit(gateway.startPage);
        await app.open('registry.example/fruit:1');
        await expect(page.locator('[data-error=host-not-allowed]')).toBeVisible();
        await shoot('refused');
      });
    });
  }
}
