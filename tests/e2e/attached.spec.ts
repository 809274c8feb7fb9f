import { expect, test } from './page/test.ts';
import { fixture } from './machine/root.ts';

test('signatures, lists of software and provenance are told, and their JSON can be read', async ({ gateway, app, context }) => {
  const { page } = app;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await app.visit(gateway.startPage);
  await app.choose(fixture('attached.tar'));
  await app.settled(2);
  await app.show('Attestations');
  const panel = page.getByRole('tabpanel');
  await expect(panel.locator('section.card')).toHaveCount(1 + 5);
  await expect(panel).toContainText('Signatures are shown, not checked');

  // What BuildKit wrote: the software, and how it was built.
  const built = panel.locator('section.card', { has: page.getByRole('heading', { name: 'SBOM (SPDX), Provenance (SLSA)' }) });
  const sbom = built.getByRole('region', { name: 'SBOM (SPDX)' });
  await expect(sbom).toContainText('names this image');
  await expect(sbom.getByRole('row').filter({ hasText: 'apple' })).toContainText(/1\.2\.0\s*Apache-2\.0/);
  await expect(sbom.getByRole('row')).toHaveCount(1 + 3);
  const provenance = built.getByRole('region', { name: 'Provenance (SLSA)' });
  await expect(provenance).toContainText('https://ci.example/builds/7');
  await expect(provenance.getByRole('row').filter({ hasText: 'pkg:docker/docker/dockerfile@1' })).toContainText('cccccc');

  // In the envelope of a bundle is a statement, and that is what is read.
  const bundle = panel.locator('section.card').filter({ hasText: 'https://git.example/runner' });
  await expect(bundle).toContainText('1 signature, not checked');
  const signed = bundle.getByRole('region', { name: 'Provenance (SLSA)' });
  await signed.getByRole('button', { name: 'Read the JSON: Provenance (SLSA)' }).click();
  await expect(signed.locator('.lines')).toContainText('"predicateType": "https://slsa.dev/provenance/v1"');
  await signed.getByRole('button', { name: 'Copy Provenance (SLSA)' }).click();
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as { predicate: { runDetails: { builder: { id: string } } } };
  expect(copied.predicate.runDetails.builder.id).toBe('https://git.example/runner');
  const saved = page.waitForEvent('download');
  await signed.getByRole('button', { name: 'Download: Provenance (SLSA)' }).click();
  expect((await saved).suggestedFilename()).toMatch(/^[0-9a-f]{12}\.json$/);
  await signed.getByRole('button', { name: 'Hide the JSON: Provenance (SLSA)' }).click();
  await expect(signed.locator('.lines')).toHaveCount(0);

  // A statement about another image, and one whose bytes are damaged, say so.
  const strange = panel.locator('section.card').filter({ hasText: 'https://example.org/review/v1' });
  await expect(strange).toContainText('It names another image as its subject.');
  await expect(strange).toContainText('The bytes are not what their digest says');
  await expect(panel.getByRole('region', { name: 'Signature', exact: true }).last()).toContainText('registry.example/nuts');

  // The view is in the address.
  expect(new URL(page.url()).searchParams.get('tab')).toBe('attestations');
});

test('each platform has its own, and an archive that can have none says so', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.url);
  await app.settled(9);
  await app.show('Attestations');
  const panel = page.getByRole('tabpanel');
  const digest = panel.locator('section.stated dl').first().locator('dd').first();
  await expect(panel.getByRole('region', { name: 'SBOM (SPDX)', exact: true })).toContainText('names this image');
  const first = await digest.innerText();
  await app.show('Platforms');
  await page.getByRole('button', { name: /Switch to .*arm64/ }).click();
  await app.show('Attestations');
  await expect(digest).not.toHaveText(first);
  await expect(panel.getByRole('region', { name: 'SBOM (SPDX)', exact: true })).toContainText('names this image');

  await page.goto('about:blank');
  await app.visit(gateway.startPage);
  await app.choose(fixture('docker-save-24.tar'));
  await app.settled(3);
  await app.show('Attestations');
  await expect(panel).toContainText('An archive of docker save names no manifest');
});
