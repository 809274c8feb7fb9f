import { HTML, MARKUP, SVG, writeHostile } from './archives/hostile.ts';
import { fixture } from './machine/root.ts';
import { TABS } from './page/app.ts';
import { expect, test } from './page/test.ts';

/** Controls, bidi overrides and what is invisible: never on screen as they are. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

test('names that want to be markup or commands or other names are shown for what they are', async ({ gateway, app }) => {
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
    expect(texts.filter((text) => HIDDEN.test(text))).toEqual([]);
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

test('no string of an image is ever markup or a link that runs', async ({ gateway, app }, info) => {
  const { page } = app;
  await app.visit(gateway.startPage);
  await app.choose(await writeHostile(info.outputPath('hostile.tar')));
  await app.verified(1);
  for (const tab of TABS) {
    await app.show(tab);
    await expect(app.panel).not.toBeEmpty();
    expect(await page.locator('img[src=x], [onerror], [onload]').count(), tab).toBe(0);
    const targets = await page.locator('a[href], area[href], form[action]').evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? link.getAttribute('action') ?? ''));
    expect(targets.filter((target) => /^\s*(?:javascript|data|vbscript):/i.test(target)), tab).toEqual([]);
    if (tab === 'Config') await expect(app.panel).toContainText(MARKUP);
  }
});

test('a document that wants to run is shown as text', async ({ gateway, app }, info) => {
  const { page } = app;
  await app.visit(gateway.startPage);
  await app.choose(await writeHostile(info.outputPath('hostile.tar')));
  await app.verified(1);
  for (const [name, content] of [['picture.svg', SVG], ['page.html', HTML]] as const) {
    await app.row(name).click();
    await expect(app.details).toContainText(content.slice(0, 40));
    // Whatever kinds of preview there are, none of them is a document of its own.
    for (const tab of await app.details.getByRole('tab').all()) {
      await tab.click();
      expect(await page.locator('iframe, object, embed, svg[onload], img[src^="data:image/svg"]').count()).toBe(0);
    }
    expect(page.frames()).toHaveLength(1);
  }
});
