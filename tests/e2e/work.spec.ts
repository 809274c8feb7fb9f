import type { ServerResponse } from 'node:http';
import { Gateway } from './machine/gateway.ts';
import { ScriptedRegistry } from './machine/scripted-registry.ts';
import { expect, test } from './page/test.ts';

test('all work stands in one place, and each piece can be stopped and repeated', async ({ app, watch }) => {
  watch.allow(/ERR_(?:INCOMPLETE|CONNECTION|ABORTED)/);
  const held: ServerResponse[] = [];
  const registry: ScriptedRegistry = await ScriptedRegistry.start((request, response, time) => {
    if (!request.url?.endsWith(registry.large) || time > 0) return false;
    // A part comes, and the rest does not.
    const bytes = registry.bytes(registry.large);
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2));
    held.push(response);
    return true;
  });
  const gateway = await Gateway.start(['--allow-registry', registry.host]);
  try {
    const { page } = app;
    await app.visit(gateway.startPage);
    await app.open(registry.reference);
    await expect(app.layer(1)).toHaveAttribute('data-state', 'verified');
    await page.getByRole('button', { name: 'Show all work' }).click();
    const tray = page.locator('.tray');
    await expect(tray.getByRole('heading')).toHaveText('1 running');
    await expect(tray).toBeFocused();
    const job = tray.getByRole('listitem').first();
    await expect(job).toContainText('Layer 0');
    await expect(job.getByRole('progressbar')).toHaveAttribute('aria-valuenow', /^[3-5]\d$/);
    await expect(job).toContainText(/of 3\.\d\sMB/);
    // One piece is stopped; the other stays as it is.
    await job.getByRole('button', { name: 'Stop reading layer 0' }).click();
    await expect(tray.getByRole('heading')).toHaveText('1 failed');
    expect(await app.states()).toEqual(['failed', 'verified']);
    // Escape closes, and the focus goes back.
    await tray.getByRole('button', { name: 'Close' }).press('Escape');
    await expect(tray).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Show all work' })).toBeFocused();
    await page.keyboard.press('Enter');
    await tray.getByRole('button', { name: 'Read layer 0 again' }).click();
    await app.verified(2);
    await expect(tray.getByRole('heading')).toHaveText('Nothing is running');
  } finally {
    for (const response of held) response.destroy();
    await gateway.end();
    await registry.end();
  }
});
