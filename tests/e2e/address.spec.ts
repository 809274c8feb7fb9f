import { expect, test } from './page/test.ts';

test('what is looked at is in the address, and the address leads back to it', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.url);
  await app.verified(9);
  await app.selectLayer(3);
  await app.row('apple.txt').click();
  await expect(app.details.getByLabel('Text')).toContainText('Two a day.');
  await expect(page).toHaveURL(/\?sample&scope=up-to&layer=3&path=\/apple\.txt$/);
  await page.reload();
  await app.seen(9);
  await expect(app.layer(3)).toHaveAttribute('aria-current', 'true');
  await expect(page.getByRole('radio', { name: 'Up to here' })).toHaveAttribute('aria-checked', 'true');
  await expect(app.row('apple.txt')).toHaveAttribute('aria-selected', 'true');
  await expect(app.details.getByLabel('Text')).toContainText('Two a day.');
});

test('a path deep in the tree is found from the address alone', async ({ gateway, app }) => {
  await app.visit(gateway.startPage.replace('/#', '/?sample&path=/usr/share/doc/fruit.json&filter=fruit#'));
  await app.verified(9);
  await expect(app.row('fruit.json')).toHaveAttribute('aria-selected', 'true');
  await expect(app.filter).toHaveValue('fruit');
  await expect(app.details.getByLabel('Text')).toContainText('{');
});

test('Back and Forward walk through the views', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.startPage);
  await page.getByRole('button', { name: 'Open this sample' }).click();
  await app.verified(9);
  await app.show('History');
  await app.show('Waste');
  await page.goBack();
  await expect(app.tab('History')).toHaveAttribute('aria-selected', 'true');
  await page.goBack();
  await expect(app.tab('Files')).toHaveAttribute('aria-selected', 'true');
  await page.goBack();
  await expect(page.getByRole('button', { name: 'Open this sample' })).toBeVisible();
  await page.goForward();
  await app.seen(9);
  await page.goForward();
  await expect(app.tab('History')).toHaveAttribute('aria-selected', 'true');
});

test('a link to a file that only its tab had says so', async ({ gateway, app }) => {
  await app.visit(gateway.startPage.replace('/#', '/?file=mine.tar#'));
  await expect(app.page.getByRole('status').filter({ hasText: 'mine.tar' })).toContainText('Drop the file again');
});
