import type { Page } from '@playwright/test';
import { expect, test } from './page/test.ts';

/** How light the paper is, from 0 to 765. */
function lightness(page: Page): Promise<number> {
  return page.evaluate(() => {
    // A canvas turns a colour of any notation into red, green and blue.
    const context = new OffscreenCanvas(1, 1).getContext('2d');
    if (context === null) throw new Error('no canvas');
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return red + green + blue;
  });
}

for (const scheme of ['light', 'dark'] as const) {
  test.describe(scheme, () => {
    test.use({ colorScheme: scheme });

    test(`the page follows the system, and can be told otherwise (${scheme})`, async ({ gateway, app }) => {
      const { page } = app;
      await app.visit(gateway.url);
      await app.verified(9);
      const before = await lightness(page);
      await page.getByRole('button', { name: 'Light or dark' }).click();
      await expect(page).toHaveURL(new RegExp(`theme=${scheme === 'dark' ? 'light' : 'dark'}`));
      const after = await lightness(page);
      expect(Math.max(before, after)).toBeGreaterThan(600);
      expect(Math.min(before, after)).toBeLessThan(165);
      expect(before > after).toBe(scheme === 'light');
      await page.reload();
      await app.seen(9);
      expect(await lightness(page)).toBe(after);
    });
  });
}
