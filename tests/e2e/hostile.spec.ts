import { expect, test } from './page/test.ts';
import { fixture } from './machine/root.ts';

/** Controls, bidi overrides and what is invisible: never on screen as they are. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

test('names that want to be markup, commands or other names are shown for what they are', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.startPage);
  await app.choose(fixture('hostile-names.tar'));
  await app.verified(1);
  const names = ['<img src=x onerror=alert(1)>', 'caf\\xe9', 'new\\u000aline', 'zero\\u200bwidth', '\\u202egpj.exe'];
  for (const name of names) await expect(app.rows.filter({ hasText: name })).toHaveCount(1);
  const count = await app.rows.count();
  for (let index = 0; index < count; index += 1) {
    await app.rows.nth(index).click();
    await expect(app.details.getByRole('heading', { level: 2 })).toBeAttached();
    await expect(app.rows.nth(index)).toHaveAttribute('aria-selected', 'true');
    const texts = await page.evaluate(() => {
      const attributes = [...document.querySelectorAll('*')].flatMap((element) => ['title', 'aria-label'].map((name) => element.getAttribute(name) ?? ''));
      return [document.title, document.body.textContent ?? '', ...attributes];
    });
    for (const text of texts) expect(HIDDEN.exec(text)?.[0]).toBeUndefined();
  }
  expect(await page.locator('img[src=x]').count()).toBe(0);
});

test('a file whose name is not UTF-8 can be opened and found again', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.choose(fixture('hostile-names.tar'));
  await app.verified(1);
  await app.rows.filter({ hasText: 'caf\\xe9' }).click();
  await app.subtab('Attributes');
  await expect(app.details).toContainText('Path in base64');
  await expect(app.details).toContainText('L2NhZuk=');
});
