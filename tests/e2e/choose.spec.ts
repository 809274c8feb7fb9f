import { expect, test } from './page/test.ts';
import { Gateway } from './machine/gateway.ts';
import { fixture } from './machine/root.ts';

test('another platform of the image can be chosen, and Back returns', async ({ gateway, app }) => {
  await app.visit(gateway.url);
  await app.verified(9);
  await app.choosePlatform('linux/amd64', 'linux/arm64/v8');
  await app.verified(9);
  await expect(app.page).toHaveURL(/platform=linux\/arm64\/v8/);
  await app.walk('etc');
  await app.row('machine').click();
  await expect(app.details).toContainText('aarch64');
  await app.page.goBack();
  await expect(app.page.getByRole('button', { name: 'Platform linux/amd64' })).toBeVisible();
  await app.verified(9);
});

test('the table of platforms switches, too, and lists what is attached', async ({ gateway, app }) => {
  await app.visit(gateway.url);
  await app.verified(9);
  await app.show('Platforms');
  await expect(app.panel.getByRole('row', { name: /linux\/amd64.*shown/ })).toContainText('1 attestation');
  await app.panel.getByRole('button', { name: /Switch to .*linux\/arm64\/v8/ }).click();
  await expect(app.panel.getByRole('row', { name: /linux\/arm64\/v8.*shown/ })).toBeVisible();
  await app.show('Files');
  await app.verified(9);
});

test('one of several images can be chosen', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.choose(fixture('several-images.tar'));
  await app.settled(2);
  await app.page.getByRole('button', { name: 'Image nuts:1' }).click();
  await app.page.getByRole('option', { name: 'twice:1' }).click();
  await expect(app.page.getByRole('button', { name: 'Image twice:1' })).toBeVisible();
  await app.settled(3);
  await expect(app.page).toHaveURL(/image=1/);
  await app.page.goBack();
  await expect(app.page.getByRole('button', { name: 'Image nuts:1' })).toBeVisible();
  await app.settled(2);
});

test('a platform that is named but absent cannot be chosen, and says why', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.choose(fixture('containerd-store.tar'));
  await app.verified(2);
  await app.page.getByRole('button', { name: 'Platform linux/amd64' }).click();
  const absent = app.page.getByRole('option', { name: /linux\/arm64\/v8/ });
  await expect(absent).toHaveAttribute('aria-disabled', 'true');
  await expect(absent).toContainText('absent');
  await app.page.keyboard.press('Escape');
  await app.show('Platforms');
  await expect(app.panel.getByRole('row', { name: /linux\/arm64/ })).toContainText('not in this source');
});

test('serve opens the image that its source names', async ({ app }) => {
  const gateway = await Gateway.start([`oci:${fixture('oci-layout')}:nuts`]);
  try {
    await app.visit(gateway.url);
    await app.verified(2);
    await expect(app.page).toHaveURL(/[?&]image=nuts/);
    await app.page.reload();
    await app.seen(2);
  } finally {
    await gateway.end();
  }
});
