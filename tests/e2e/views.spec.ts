import { expect, test } from './page/test.ts';
import { fixture } from './machine/root.ts';

test('each digest of a document leads to what it stands for', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.url);
  await app.verified(9);
  await app.show('Raw');
  const links = app.panel.locator('.j-link');
  await expect(links.first()).toBeVisible();
  // The config and the layers, as the manifest names them; of a long document what is in sight is drawn.
  await expect.poll(() => links.count()).toBeGreaterThan(3);
  await links.first().click();
  await expect(page.getByRole('radio', { name: 'Config' })).toHaveAttribute('aria-checked', 'true');
  await page.getByRole('radio', { name: 'Manifest' }).click();
  await links.nth(3).focus();
  await page.keyboard.press('Enter');
  await expect(app.tab('Files')).toHaveAttribute('aria-selected', 'true');
  expect(page.url()).toContain('layer=2');
  await app.show('Raw');
  await page.getByRole('radio', { name: 'Index 2' }).click();
  const other = app.panel.getByRole('button', { name: 'Switch to linux/arm64/v8' });
  await other.first().click();
  await expect(page.getByRole('button', { name: 'Platform linux/arm64/v8' })).toBeVisible();
});

test.describe('the visitor’s machine', () => {
  for (const [bitness, architecture, said] of [['64', 'arm', 'Your machine is arm64: it would run linux/amd64 by emulation'], ['64', 'x86', 'Your machine is amd64: it would run the one shown'], ['', '', null]] as const) {
    test(`${architecture || 'unknown'} ${bitness}`, async ({ gateway, app }) => {
      const { page } = app;
      await page.addInitScript(
        (answer) => Object.defineProperty(Navigator.prototype, 'userAgentData', { get: () => ({ getHighEntropyValues: () => Promise.resolve(answer) }), configurable: true }),
        { architecture, bitness },
      );
      await app.visit(gateway.url);
      await app.verified(9);
      await app.show('Platforms');
      await expect(app.panel.getByRole('button', { name: 'Switch to' }).first()).toBeVisible();
      if (said === null) await expect(app.panel.getByText('Your machine')).toHaveCount(0);
      else await expect(app.panel.getByText(said)).toBeVisible();
      if (architecture !== 'arm') return;
      // One click leads to the platform that the machine would run.
      await app.panel.locator('.notice').getByRole('button', { name: 'Switch to linux/arm64' }).click();
      await expect(page.getByRole('button', { name: 'Platform linux/arm64/v8' })).toBeVisible();
      await expect(app.panel.getByText('it would run the one shown')).toBeVisible();
    });
  }
});

test('each attestation stands beside the image that it speaks of', async ({ gateway, app }) => {
  await app.visit(gateway.url);
  await app.verified(9);
  await app.show('Platforms');
  const row = app.panel.getByRole('row').filter({ hasText: 'linux/amd64' }).first();
  await expect(row.locator('.attached li')).not.toHaveCount(0);
});

test('the overview says how it runs, what it is built on, and which values are no secrets', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.choose(fixture('docker-save-25.tar'));
  await app.verified(9);
  await app.show('Overview');
  await expect(app.panel.locator('.runs')).toContainText('/usr/bin/eat /apple.txt');
  await expect(app.panel.getByText('not recorded')).toBeVisible();
  await expect(app.panel.getByText('8080/tcp')).toBeVisible();
  await expect(app.panel.locator('canvas')).toHaveAttribute('data-areas', /^[1-9]/);
});
