/** Layers that are known from before: nothing of them is read again, and nobody takes that for a verification. */
import AxeBuilder from '@axe-core/playwright';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { damaged } from './archives/damage.ts';
import type { App } from './page/app.ts';
import { expect, test } from './page/test.ts';
import { fixture } from './machine/root.ts';

const status = (app: App) => app.page.getByRole('contentinfo');
const verifyAll = (app: App) => status(app).getByRole('button', { name: 'Verify all' });

/** Looks at an archive for the first time, and comes back later. */
async function lookOnce(app: App, url: string, archive: string, layers: number): Promise<void> {
  await app.visit(url);
  await app.choose(archive);
  await app.verified(layers);
  await app.kept(layers);
  await app.page.reload();
  await expect(app.page.getByRole('banner')).toBeVisible();
}

test('the second look reads no layer, and says so', async ({ gateway, app }, info) => {
  const archive = info.outputPath('again.tar');
  await copyFile(fixture('oci-gzip.tar'), archive);
  await lookOnce(app, gateway.startPage, archive, 2);
  // Whoever reads the first layer now finds another one.
  await damaged(archive, 'blobs/sha256/5cf3b54731f8', archive);
  await app.drop(archive);
  await app.known(2);
  await expect(status(app)).toContainText('2 layers are known from before and were not read again.');
  await expect(app.page.locator('#said')).toContainText('2 layers known from before');
  await expect(app.layer(0)).toContainText('known, not re-read');
  // A file of a layer that is whole opens; the trees are those of before.
  await app.walk('etc');
  await app.row('nuts').click();
  await expect(app.details.getByLabel('Text')).toContainText('walnut');
  await app.show('Overview');
  await expect(app.panel).toContainText('4 of 6 digests known, not re-read');
  await app.show('Files');

  await verifyAll(app).click();
  await expect.poll(() => app.states()).toEqual(['mismatch', 'verified']);
  await expect(verifyAll(app)).toHaveCount(0);
  await expect(status(app)).toContainText('does not match its digest');
});

test('one layer is read again, and its files stay in sight meanwhile', async ({ gateway, app }) => {
  await lookOnce(app, gateway.startPage, fixture('docker-save-25.tar'), 9);
  await app.drop(fixture('docker-save-25.tar'));
  await app.known(9);
  await app.selectLayer(3);
  await app.layer(3).getByRole('button', { name: 'Read layer 3 again' }).click();
  await expect(app.layer(3)).toHaveAttribute('data-state', 'verified');
  expect((await app.states()).filter((state) => state === 'known')).toHaveLength(8);
  await app.page.keyboard.press('Escape');
  await verifyAll(app).click();
  await app.verified(9);
  await expect(status(app)).toContainText('Read and verified');
});

test('another image knows the layers that it shares, and reads the others', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.choose(fixture('mismatched-layer.tar'));
  await app.settled(2);
  // What does not match is not kept.
  await app.kept(1);
  await app.drop(fixture('oci-gzip.tar'));
  await expect.poll(() => app.states()).toEqual(['known', 'verified']);
  await app.kept(2);
  // The same two layers in an archive of another kind.
  await app.drop(fixture('kaniko.tar'));
  await app.known(2);
});

test('what was damaged in the browser is read anew', async ({ gateway, app }) => {
  await lookOnce(app, gateway.startPage, fixture('oci-zstd.tar'), 2);
  await app.page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const directory = (await root.getDirectoryHandle('layers')) as unknown as { values(): AsyncIterable<FileSystemFileHandle> };
    for await (const file of directory.values()) {
      const bytes = new Uint8Array(await (await file.getFile()).arrayBuffer());
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      const writer = await file.createWritable();
      await writer.write(bytes);
      await writer.close();
    }
  });
  await app.drop(fixture('oci-zstd.tar'));
  await app.verified(2);
  await app.kept(2);
  await app.page.reload();
  await app.drop(fixture('oci-zstd.tar'));
  await app.known(2);
});

test('what is kept is counted, and goes when it is told to', async ({ gateway, app }) => {
  await lookOnce(app, gateway.startPage, fixture('oci-gzip.tar'), 2);
  await app.page.getByRole('button', { name: 'Keys' }).or(app.page.getByRole('button', { name: 'Help' })).first().click();
  const dialog = app.page.getByRole('dialog');
  await expect(dialog).toContainText('2 layers that were read are kept, in this browser only');
  const { violations } = await new AxeBuilder({ page: app.page }).analyze();
  expect(violations).toEqual([]);
  await dialog.getByRole('button', { name: 'Forget them' }).click();
  await expect(dialog).toContainText('No layer is kept in this browser');
  await app.page.keyboard.press('Escape');
  await app.kept(0);
  await app.choose(fixture('oci-gzip.tar'));
  await app.verified(2);
  await app.kept(2);
  // Whoever forgets what was opened forgets its layers, too.
  await app.page.getByRole('link', { name: 'Layerscope' }).click();
  await app.page.getByRole('button', { name: 'Forget all' }).click();
  await app.kept(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`known layers are shown without barriers (${colorScheme})`, async ({ gateway, app }) => {
    await app.page.emulateMedia({ colorScheme });
    await lookOnce(app, gateway.startPage, fixture('oci-gzip.tar'), 2);
    await app.drop(fixture('oci-gzip.tar'));
    await app.known(2);
    for (const tab of ['Files', 'Overview'] as const) {
      await app.show(tab);
      const { violations } = await new AxeBuilder({ page: app.page }).analyze();
      expect(violations).toEqual([]);
    }
  });
}
