import { readFile } from 'node:fs/promises';
import { expect, test } from './page/test.ts';
import type { App } from './page/app.ts';
import { fixture, LAYERSCOPE } from './machine/root.ts';
import { run } from './machine/program.ts';

/** What the browser saves when an action is done. */
async function exported(app: App, typed: string): Promise<{ name: string; text: string }> {
  const { page } = app;
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill(typed);
  const saved = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  const download = await saved;
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

interface Listed { path: string; size: number; kind: string; layer: number }

test('all files are exported, as the command line lists them', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.choose(fixture('docker-save-25.tar'));
  await app.verified(9);
  await app.page.getByRole('button', { name: 'Show deleted' }).click();
  const { name, text } = await exported(app, 'export files json');
  expect(name).toBe('docker-save-25.tar-files.json');
  const rows = JSON.parse(text) as Listed[];
  const listed = JSON.parse(await run(LAYERSCOPE, ['ls', '-R', '--json', fixture('docker-save-25.tar')])) as Listed[];
  const facts = (all: Listed[]): string[] => all.map(({ path, kind, layer }) => `${path} ${kind} ${layer}`).sort();
  expect(facts(rows)).toEqual(facts(listed));
  expect(rows.length).toBeGreaterThan(5);
});

test('what is exported is what is shown: scope, filter and order', async ({ gateway, app }) => {
  await app.visit(gateway.url);
  await app.verified(9);
  await app.filter.fill('*.bin');
  await expect.poll(() => app.names()).toContain('seeds');
  const drawn = Number(await app.grid.getAttribute('aria-rowcount')) - 1;
  const { text } = await exported(app, 'export files csv');
  const lines = text.split('\r\n');
  expect(lines[0]).toBe('path,kind,size,mode,uid,gid,change,layer,deletedBy,link');
  // The last line has its end, too.
  expect(lines.at(-1)).toBe('');
  expect(lines.length - 2).toBe(drawn);
});

test('a name that a spreadsheet would run is made harmless, and that is said', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.choose(fixture('docker-save-25.tar'));
  await app.verified(9);
  const { text } = await exported(app, 'export findings csv');
  expect(text.startsWith('severity,id,layer,path,offset,digest,finding,runtime\r\n')).toBe(true);
  expect(text.split('\r\n').some((line) => /^[=+@-]/.test(line))).toBe(false);
  await expect(app.page.getByRole('status').filter({ hasText: 'begin with an apostrophe' })).toBeVisible();
});

test('layers, history, waste and the whole report say what the page knows', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.choose(fixture('docker-save-25.tar'));
  await app.verified(9);
  const layers = await exported(app, 'export layers csv');
  expect(layers.text.split('\r\n').length).toBe(1 + 9 + 1);
  const waste = await exported(app, 'export waste json');
  const told = JSON.parse(await run(LAYERSCOPE, ['waste', '--json', fixture('docker-save-25.tar')])) as object;
  expect(JSON.parse(waste.text)).toEqual(told);
  const history = await exported(app, 'export history json');
  expect((JSON.parse(history.text) as unknown[]).length).toBeGreaterThan(0);
  const report = JSON.parse((await exported(app, 'export whole report')).text) as { image: { layers: unknown[] }; waste: object };
  expect(report.image.layers.length).toBe(9);
  expect(report.waste).toEqual(told);
});
