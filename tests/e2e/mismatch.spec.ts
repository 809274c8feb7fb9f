import { damaged } from './archives/damage.ts';
import { expect, test } from './page/test.ts';
import { fixture } from './machine/root.ts';

for (const archive of ['docker-save-25.tar', 'oci-gzip.tar', 'oci-zstd.tar']) {
  test(`a flipped bit in any layer is flagged there and nowhere else (${archive})`, async ({ gateway, app }, info) => {
    await app.visit(gateway.startPage);
    await app.choose(fixture(archive));
    const count = archive === 'docker-save-25.tar' ? 9 : 2;
    await app.verified(count);
    await app.kept(count);
    const digests = (await app.layers.evaluateAll((layers) => layers.map((layer) => layer.getAttribute('data-digest') ?? ''))).reverse();
    for (const [index, digest] of digests.entries()) {
      const copy = await damaged(fixture(archive), digest.replace('sha256:', 'blobs/sha256/'), info.outputPath(`${index}.tar`));
      await app.drop(copy);
      await expect(app.page).toHaveTitle(new RegExp(`^${index}\\.tar`));
      // The copy states the digests of the whole archive, so that its layers are known, which is no evidence.
      await app.known(count);
      await app.page.getByRole('contentinfo').getByRole('button', { name: 'Verify all' }).click();
      await expect.poll(() => app.states()).toEqual(digests.map((_, other) => (other === index ? 'mismatch' : 'verified')));
      await expect(app.layer(index)).toHaveAttribute('data-digest', digest);
    }
  });
}

test('a mismatch shows both digests, and the other layers can be browsed', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.choose(fixture('mismatched-layer.tar'));
  await app.settled(2);
  expect(await app.states()).toEqual(['verified', 'mismatch']);
  await expect(app.page.locator('#said')).toContainText('Reading ended');
  await expect(app.page.getByRole('contentinfo')).toContainText('does not match its digest');
  await app.page.keyboard.press('e');
  const digest = (await app.layer(1).getAttribute('data-digest')) ?? '';
  const card = app.details.locator('[data-error]');
  await expect(card).toContainText(digest);
  await expect(card).toContainText('Expected');
  await expect(card).toContainText('Found');
  await expect(card.getByRole('button', { name: 'Copy both' })).toBeVisible();
  await app.look('Whole image');
  await expect(app.rows.first()).toBeVisible();
  await app.show('Findings');
  await expect(app.panel.getByRole('heading', { name: /serious/ })).toBeVisible();
  await expect(app.panel).toContainText('In practice: containerd, Docker and Podman refuse the layer');
  await app.panel.getByRole('button', { name: 'The bytes of this layer are not what its digests say' }).click();
  await expect(app.layer(1)).toHaveAttribute('aria-current', 'true');
});

test('a config that is not what its digest says is flagged, and what it says is shown', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.choose(fixture('mismatched-config.tar'));
  await app.settled(2);
  await app.show('Overview');
  await expect(app.panel.getByText('mismatch', { exact: true })).toBeVisible();
  await app.show('Raw');
  await app.panel.getByRole('radio', { name: 'Config' }).click();
  await expect(app.panel.locator('[data-error=digest-mismatch]')).toContainText('Expected');
  await expect(app.panel).toContainText('"architecture"');
  await app.show('Files');
  await expect(app.rows.first()).toBeVisible();
});
