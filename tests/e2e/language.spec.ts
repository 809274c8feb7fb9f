import { expect, test } from './page/test.ts';

const KANA = /[\u3040-\u30ff]/;

test('the language can be changed and is kept in the address', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.url);
  await app.verified(9);
  await page.getByRole('link', { name: '日本語' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  await expect(page).toHaveURL(/lang=ja/);
  await expect(page.getByRole('tablist').first()).toContainText(KANA);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  await app.settled(9);
  await page.getByRole('link', { name: 'English' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(app.tab('Files')).toBeVisible();
});

test.describe('a browser that asks for Japanese', () => {
  test.use({ locale: 'ja-JP' });

  test('gets it everywhere', async ({ gateway, app }) => {
    const { page } = app;
    await app.visit(gateway.startPage);
    await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(KANA);
    await page.locator('#open-sample').click();
    await app.settled(9);
    for (let tab = 1; tab <= 8; tab += 1) {
      await page.keyboard.press(String(tab));
      await expect(page.getByRole('tab', { selected: true }).first()).not.toHaveText(/^[A-Za-z ]+$/);
    }
  });
});
