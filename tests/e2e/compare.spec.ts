import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { fixture, SAMPLE } from './machine/root.ts';
import { Gateway } from './machine/gateway.ts';
import { Registries } from './machine/registry.ts';
import type { App } from './page/app.ts';
import { expect, test } from './page/test.ts';

/** The grid of differences, its rows, and what stands beside it. */
const parts = (page: Page) => ({
  rows: page.locator('compare-tree .body').getByRole('row'),
  row: (name: string) => page.locator('compare-tree .body').getByRole('row').filter({ has: page.locator('.n', { hasText: new RegExp(`^${name.replace('.', '\\.')}$`) }) }).first(),
  layers: page.getByRole('region', { name: 'Layers of both images' }),
  details: page.getByRole('complementary', { name: 'Details' }),
  field: page.getByLabel('Image B: a reference to compare with'),
  kind: (name: string) => page.locator('compare-tree').getByRole('button', { name: new RegExp(`^.?${name}`) }),
});

async function open(app: App, url: string, layers: number): Promise<void> {
  await app.visit(url);
  await app.verified(layers);
  await app.show('Compare');
}

test('two platforms of an image share their layers, and the file that differs is told line by line', async ({ gateway, app }) => {
  await open(app, gateway.url, 9);
  await app.panel.getByRole('button', { name: 'With linux/arm64/v8' }).click();
  const { rows, row, layers, details } = parts(app.page);
  await expect(row('machine')).toBeVisible();
  // Only the directory that leads there beside it.
  await expect(rows).toHaveCount(2);
  await expect(row('machine')).toHaveAttribute('aria-level', '2');
  await expect(row('machine').getByRole('gridcell').first()).toContainText('modified');
  await expect(row('machine')).toContainText('content');
  await expect(row('machine')).toContainText('+1 B');
  await expect(layers).toContainText('A 9, B 9, 8 the same');
  await expect(layers.locator('.band')).toHaveCount(8);
  await expect(layers.locator('.cut')).toHaveCount(1);
  await expect(details).toContainText('Platform');
  await expect(details).toContainText('linux/arm64/v8');

  await row('machine').click();
  await expect(app.page).toHaveURL(/tab=compare.*path=\/etc\/machine.*compare-platform=linux\/arm64\/v8/);
  await details.getByRole('button', { name: 'Compare line by line' }).click();
  const lines = details.getByRole('region', { name: 'Lines of /etc/machine that differ' });
  await expect(lines.locator('.dl.removed')).toContainText('x86_64');
  await expect(lines.locator('.dl.added')).toContainText('aarch64');

  // A link says all of it, and Back leads out of it.
  const address = app.page.url();
  await app.visit(address);
  await expect(row('machine')).toHaveAttribute('aria-selected', 'true');
  await expect(details.locator('#cmp-path')).toContainText('/etc/machine');
});

test('another archive has other files, other layers and another config', async ({ gateway, app }) => {
  await open(app, gateway.url, 9);
  await app.page.locator('#other-file').setInputFiles(fixture('docker-save-24.tar'));
  const { row, rows, details, kind } = parts(app.page);
  await expect(row('seed')).toContainText('added');
  await expect(row('usr')).toContainText('removed');
  await expect(row('usr')).toHaveAttribute('aria-expanded', 'false');
  await row('usr').click();
  await expect(row('share')).toHaveAttribute('aria-level', '2');
  await expect(details).toContainText('FRUIT');
  await expect(details).toContainText('8080/tcp');

  await kind('removed').click();
  await expect(rows).toHaveCount(1);
  await kind('removed').click();
  await app.page.getByLabel('Filter paths').fill('*.json');
  await expect(row('fruit.json')).toBeVisible();
  await expect(row('fruit.json')).toHaveAttribute('aria-level', '4');
  await expect(rows).toHaveCount(4);
});

test('keys go through the differences', async ({ gateway, app }) => {
  await app.visit(`${gateway.origin}/?sample&tab=compare&compare-platform=linux/arm64/v8`);
  const { row, details } = parts(app.page);
  await row('etc').focus();
  await app.page.keyboard.press('ArrowLeft');
  await expect(row('etc')).toHaveAttribute('aria-expanded', 'false');
  await expect(row('machine')).toHaveCount(0);
  await app.page.keyboard.press('ArrowRight');
  await expect(row('machine')).toBeVisible();
  await app.page.keyboard.press('ArrowDown');
  await expect(row('machine')).toBeFocused();
  await expect(details.locator('#cmp-path')).toContainText('/etc/machine');
  await app.page.keyboard.press('ArrowLeft');
  await expect(row('etc')).toBeFocused();
  await app.page.keyboard.press('End');
  await expect(row('machine')).toBeFocused();
});

test('from one difference to the next and back, through directories that are closed', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(`${gateway.origin}/?sample&tab=compare&compare-platform=linux/arm64/v8`);
  const { row } = parts(page);
  await row('etc').click();
  await expect(row('etc')).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('n');
  await expect(row('machine')).toBeFocused();
  // It is the only one: round again. And from behind, too, the way is opened.
  await page.keyboard.press('n');
  await expect(row('machine')).toBeFocused();
  await row('etc').click();
  await expect(row('machine')).toHaveCount(0);
  await page.keyboard.press('p');
  await expect(row('machine')).toBeFocused();
  await expect(page).toHaveURL(/path=\/etc\/machine/);

  await page.locator('#other-file').setInputFiles(fixture('docker-save-24.tar'));
  await expect(row('seed')).toBeVisible();
  const visited = new Set<string>();
  const next = page.getByRole('button', { name: 'Compare: next difference' });
  for (let step = 0; step < 6; step += 1) {
    const before = page.url();
    await next.click();
    await expect.poll(() => page.url()).not.toBe(before);
    visited.add(page.url());
    await expect(page.locator('compare-tree [role=row][aria-selected=true] .sign')).toBeVisible();
  }
  expect(visited.size).toBeGreaterThan(3);
  const last = page.url();
  await next.click();
  await expect.poll(() => page.url()).not.toBe(last);
  await page.getByRole('button', { name: 'Compare: previous difference' }).click();
  await expect(page).toHaveURL(last);
});

test('both images change places: platforms, and archives of one name', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(`${gateway.origin}/?sample&tab=compare&compare-platform=linux/arm64/v8`);
  const { row, details } = parts(page);
  await expect(row('machine')).toContainText('+1 B');
  await page.keyboard.press('s');
  await expect(row('machine')).toContainText('−1 B');
  await expect(page).toHaveURL(/platform=linux\/arm64\/v8.*compare-platform=linux\/amd64/);
  await page.goBack();
  await expect(row('machine')).toContainText('+1 B');

  await page.locator('#other-file').setInputFiles(fixture('docker-save-24.tar'));
  await expect(row('seed')).toContainText('added');
  const swap = page.getByRole('button', { name: 'Compare: swap A and B' });
  await swap.click();
  await expect(row('seed')).toContainText('removed');
  await expect(page.locator('.cmp-side')).toContainText('docker-save-24.tar');
  await expect(page).toHaveURL(/file=docker-save-24\.tar.*tab=compare/);
  await swap.click();
  await expect(row('seed')).toContainText('added');
  await expect(details).toContainText('FRUIT');
  await expect(page).toHaveURL(/sample.*tab=compare/);

  // Two files of one name are told apart.
  await page.goto('about:blank');
  await app.visit(gateway.startPage);
  const file = async (name: string) => ({ name: 'image.tar', mimeType: 'application/x-tar', buffer: await readFile(fixture(name)) });
  await page.locator('#pick-file').setInputFiles(await file('oci-gzip.tar'));
  await app.settled(2);
  await app.show('Compare');
  await page.locator('#other-file').setInputFiles(await file('docker-save-24.tar'));
  await expect(row('seed')).toContainText('added');
  for (const change of ['removed', 'added']) {
    await swap.click();
    await expect(row('seed')).toContainText(change);
  }
});

test('another archive is looked at for the platform that this one is for', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(`${gateway.origin}/?sample&platform=linux/arm64/v8&tab=compare`);
  await expect(page.locator('.cmp-side')).toContainText('linux/arm64/v8');
  await page.locator('#other-file').setInputFiles(SAMPLE);
  await expect(app.panel).toContainText('Nothing differs');
  await expect(page.getByRole('button', { name: 'Platform of B linux/arm64/v8' })).toBeVisible();
  // One that has no such platform is shown for what it has.
  await page.locator('#other-file').setInputFiles(fixture('docker-save-24.tar'));
  await expect(parts(page).row('seed')).toContainText('added');
});

test('an image does not differ from itself, and what cannot be opened says why', async ({ gateway, app }) => {
  await app.visit(gateway.startPage);
  await app.choose(fixture('oci-gzip.tar'));
  await app.settled(2);
  await app.show('Compare');
  await app.page.locator('#other-file').setInputFiles(fixture('oci-zstd.tar'));
  await expect(app.panel).toContainText('Nothing differs');
  await expect(parts(app.page).layers).toContainText('A 2, B 2, 2 the same');
  await app.page.locator('#other-file').setInputFiles(fixture('no-manifest.tar'));
  await expect(app.panel.locator('[data-error=no-manifest]')).toBeVisible();
  await parts(app.page).field.fill('no reference at all!');
  await app.page.keyboard.press('Enter');
  await expect(app.panel.getByRole('alert')).toBeVisible();
});

test('an image of a registry is compared with another by its reference, and what both have is read once', async ({ app }) => {
  const registries = await Registries.start();
  await registries.push(`oci-archive:${SAMPLE}`, 'garden/fruit:1');
  await registries.push(`oci-archive:${fixture('oci-zstd.tar')}`, 'garden/nuts:2');
  const gateway = await Gateway.start(registries.hosts.flatMap((host) => ['--allow-registry', host]), { env: { DOCKER_CONFIG: registries.dockerConfig } });
  try {
    const host = registries.host('open');
    await app.visit(gateway.startPage);
    await app.open(`${host}/garden/fruit:1`);
    await app.verified(9);
    await app.kept(9);
    const asked: string[] = [];
    app.page.on('request', (request) => asked.push(request.url()));
    await app.show('Compare');
    const { field, row, layers } = parts(app.page);
    await field.fill(`${host}/garden/nuts:2`);
    await field.press('Enter');
    await expect(row('nuts')).toContainText('added');
    await expect(layers).toContainText('A 9, B 2, 0 the same');
    expect(new URL(app.page.url()).searchParams.get('compare')).toBe(`${host}/garden/nuts:2`);

    await field.fill(`${host}/garden/fruit:1`);
    asked.length = 0;
    await field.press('Enter');
    await expect(app.panel).toContainText('Nothing differs');
    await expect(layers).toContainText('A 9, B 9, 9 the same');
    // Its documents are asked for, and no layer.
    expect(asked.some((url) => url.includes('/manifests/'))).toBe(true);
    expect(asked.filter((url) => url.includes('/blobs/'))).toHaveLength(1);
  } finally {
    await gateway.end();
    await registries.end();
  }
});
