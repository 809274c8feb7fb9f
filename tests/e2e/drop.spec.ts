import { expect, test } from './page/test.ts';
import { fixture } from './machine/root.ts';

test('a tarball from the picker is read in the tab', async ({ gateway, app, watch }) => {
  await app.visit(gateway.startPage);
  const before = watch.requests.length;
  await app.choose(fixture('docker-save-25.tar'));
  await app.verified(9);
  await expect(app.page).toHaveTitle(/docker-save-25\.tar/);
  expect(watch.requests.slice(before).filter((request) => !/\/assets\/|\/favicon/.test(request))).toEqual([]);
});

test('a tarball that is dropped anywhere is read', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.drop(fixture('podman-save.tar'));
  await app.verified(2);
});

test('what is dropped on an open image takes its place', async ({ gateway, app }) => {
  await app.visit(gateway.url);
  await app.verified(9);
  await app.drop(fixture('kaniko.tar'));
  await app.verified(2);
  await expect(app.page).toHaveTitle(/kaniko\.tar/);
});

test('a directory with an OCI layout is read, dropped or chosen', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.drop(fixture('oci-layout'));
  await app.verified(9);
  await app.page.getByRole('link', { name: 'Layerscope' }).click();
  await app.choose(fixture('oci-layout'), 'folder');
  await app.seen(9);
});

test('of several files the first is opened, and the page says so', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.drop(fixture('oci-plain.tar'), fixture('kaniko.tar'));
  await app.verified(2);
  await expect(app.page.getByText('Several files were dropped')).toBeVisible();
});

for (const compression of ['gz', 'zst', 'xz']) {
  test(`an archive wrapped in ${compression} is read through and verified`, async ({ gateway, app }) => {
    await app.visit(gateway.startPage);
    await app.choose(fixture(`wrapped.tar.${compression}`));
    await app.settled(2);
    for (const state of await app.states()) expect(state).toMatch(/^(verified|not-stated)$/);
    await app.show('Overview');
    await expect(app.panel).toContainText(compression === 'gz' ? 'gzip' : compression === 'zst' ? 'zstd' : 'xz');
  });
}

test('what is no image says so, and something else can be opened', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.choose(fixture('no-manifest.tar'));
  const card = app.page.locator('[data-error]');
  await expect(card).toHaveAttribute('data-error', 'no-manifest');
  await expect(card).toContainText('This archive holds no image');
  await app.page.getByRole('button', { name: 'Open something else' }).click();
  await app.choose(fixture('oci-zstd.tar'));
  await app.verified(2);
});

test('a directory that is no layout is refused with its reason', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.drop(fixture('oci-layout/blobs'));
  await expect(app.page.getByText('This folder is no OCI layout')).toBeVisible();
});
