import { expect, test } from './page/test.ts';

test('serve opens the sample, and every layer is verified', async ({ gateway, app }) => {
  await app.visit(gateway.url);
  await app.verified(9);
  await expect(app.page).toHaveTitle(/sample\.tar/);
  await expect(app.page.getByRole('contentinfo')).toContainText('Read and verified');
  await expect(app.page.getByRole('contentinfo')).toContainText('Nothing was sent.');
  for (const name of ['apple.txt', 'banana.txt', '果物', 'usr']) await expect(app.row(name)).toBeVisible();
});

test('the secret leaves the address bar, and a reload still works', async ({ gateway, app }) => {
  await app.visit(gateway.url);
  await app.verified(9);
  expect(app.page.url()).not.toContain('secret');
  await app.page.reload();
  await app.seen(9);
});

test('the start page opens the sample, too', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await expect(app.page.getByRole('heading', { name: 'Look inside a container image' })).toBeVisible();
  await app.page.getByRole('button', { name: 'Open this sample' }).click();
  await app.verified(9);
  await app.page.getByRole('link', { name: 'Layerscope' }).click();
  await expect(app.page.getByRole('heading', { name: 'Look inside a container image' })).toBeVisible();
});

test('each step of the sample tells what it did', async ({ gateway, app }) => {
  await app.visit(gateway.url);
  await app.verified(9);
  await app.selectLayer(3);
  await app.page.getByRole('button', { name: 'Only what changed' }).click();
  await expect(app.change('apple.txt')).toHaveText(/modified/);
  await expect(app.change('banana.txt')).toHaveText(/metadata only/);
  await expect(app.row('usr')).toHaveCount(0);
  await app.selectLayer(4);
  await app.walk('var', 'cache');
  await expect(app.change('seeds')).toHaveText(/removed/);
  await app.look('This layer');
  await app.walk('var', 'cache');
  await expect(app.change('seeds')).toHaveText(/removed/);
  await expect(app.row('apple.txt')).toHaveCount(0);
});
