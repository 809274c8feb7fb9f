import { expect, test } from './page/test.ts';
import { fixture, LAYERSCOPE } from './machine/root.ts';
import { run } from './machine/program.ts';

test('the layers are shown as a runtime stacks them', async ({ gateway, app, context }) => {
  const { page } = app;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await app.visit(gateway.startPage);
  await app.choose(fixture('docker-save-25.tar'));
  await app.verified(9);
  await app.show('Mount');
  const stack = page.locator('.mounts li');
  await expect(stack).toHaveCount(9 + 2);
  await expect(stack.first()).toContainText('MergedDir');
  await expect(stack.nth(1)).toContainText('UpperDir');

  // Lower directories stand from the newest to the oldest, named by their chain ids.
  const layers = JSON.parse(await run(LAYERSCOPE, ['layers', '--json', fixture('docker-save-25.tar')])) as { chainId: string }[];
  const names = layers.map(({ chainId }) => chainId.slice('sha256:'.length, 'sha256:'.length + 12)).reverse();
  expect(await page.locator('.mounts .lower b').allInnerTexts()).toEqual(names);
  await page.getByRole('button', { name: 'Copy command' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`lowerdir=${names.join(':')},`);

  // A whiteout and an opaque directory, and where they lead.
  const table = page.getByRole('region', { name: 'Which paths of this image do so' });
  const gone = table.getByRole('row').filter({ hasText: '/usr/share/doc/old.txt' });
  await expect(gone).toContainText('c 0:0');
  await expect(table.getByRole('row').filter({ hasText: '/opt/basket' }).first()).toContainText(/trusted\.overlay\.opaque=y|c 0:0/);
  await expect(table.getByText('opaque directory').first()).toBeVisible();
  await gone.getByRole('button').click();
  await expect(app.tab('Files')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('radio', { name: 'This layer' })).toHaveAttribute('aria-checked', 'true');
  await expect(app.row('old.txt')).toBeVisible();
});
