import { expect, test } from './page/test.ts';
import { fixture } from './machine/root.ts';

test.beforeEach(async ({ gateway, app }) => {
  await app.visit(gateway.url);
  await app.verified(9);
});

test('directories open and close with the mouse', async ({ app }) => {
  await app.walk('usr', 'share', 'doc');
  await expect(app.row('fruit.json')).toBeVisible();
  await expect(app.row('fruit.json')).toHaveAttribute('aria-level', '4');
  await app.row('usr').click();
  await expect(app.row('usr')).toHaveAttribute('aria-expanded', 'false');
  await expect(app.row('fruit.json')).toHaveCount(0);
});

test('a text file shows its lines, its bytes, and where it came from', async ({ app }) => {
  await app.row('apple.txt').click();
  await expect(app.details.getByLabel('Text')).toContainText('Two a day.');
  await expect(app.details.locator('.through')).toContainText('Layer 6');
  await expect(app.details.locator('.through')).toContainText('Layer 3');
  await expect(app.details.locator('.through')).toContainText('Layer 1');
  await app.subtab('Hex');
  await expect(app.details.getByLabel('Bytes in hex')).toContainText(/[0-9a-f]{2} [0-9a-f]{2}/);
  await app.subtab('Attributes');
  await expect(app.details).toContainText('0644');
  await expect(app.details).toContainText('27 B');
});

test('a picture is drawn from its bytes', async ({ app }) => {
  await app.walk('usr', 'share');
  await app.row('fruit.png').click();
  const picture = app.details.getByRole('img', { name: 'Picture /usr/share/fruit.png' });
  await expect(picture).toBeVisible();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(1);
});

test('a link tells its target, a hard link its file, a deleted file who deleted it', async ({ app }) => {
  await expect(app.row('lunch')).toContainText('→ /apple.txt');
  await app.walk('usr', 'share');
  await expect(app.row('apple')).toContainText('= /apple.txt');
  await app.walk('doc');
  await expect(app.row('old.txt')).toContainText('deleted by layer 4');
  await app.page.getByRole('button', { name: 'Show deleted' }).click();
  await expect(app.row('old.txt')).toHaveCount(0);
});

test('one layer, up to a layer, and the whole image are three trees', async ({ app }) => {
  await app.selectLayer(2);
  await expect(app.page.getByRole('radio', { name: 'Up to here' })).toHaveAttribute('aria-checked', 'true');
  await expect(app.row('banana.txt')).toBeVisible();
  await expect(app.row('果物')).toHaveCount(0);
  await app.look('This layer');
  await expect.poll(() => app.names()).toEqual(['banana.txt']);
  await app.look('Whole image');
  await expect(app.row('果物')).toBeVisible();
});

test('the filter takes text, globs and regular expressions', async ({ app }) => {
  await app.filter.fill('cherry');
  await expect(app.row('cherry.txt')).toBeVisible();
  await expect(app.row('apple.txt')).toHaveCount(0);
  await app.filter.fill('*.json');
  await expect(app.row('fruit.json')).toBeVisible();
  await expect(app.row('cherry.txt')).toHaveCount(0);
  await app.filter.fill('/^\\/(apple|banana)\\.txt$/');
  await expect.poll(() => app.names()).toEqual(['apple.txt', 'banana.txt']);
  await app.filter.fill('りんご');
  await expect(app.row('りんご.txt')).toBeVisible();
  await app.filter.fill('no such path');
  await expect(app.grid.or(app.page.locator('file-tree'))).toContainText(['No path matches']);
  await app.filter.press('Escape');
  await expect(app.row('apple.txt')).toBeVisible();
});

test('sorting by size puts the largest first', async ({ app }) => {
  await app.grid.getByRole('button', { name: 'Size' }).click();
  await expect.poll(async () => (await app.names())[0]).toBe('usr');
  await app.grid.getByRole('button', { name: 'Name' }).click();
  await expect.poll(async () => (await app.names())[0]).toBe('apple.txt');
});

test('the config, the history, the waste and the documents are there', async ({ app }) => {
  await app.show('History');
  await expect(app.panel).toContainText("echo 'Two a day.' >> apple.txt");
  await app.show('Config');
  await expect(app.panel).toContainText('FRUIT');
  await app.show('Waste');
  await expect(app.panel).toContainText('deleted');
  await expect(app.panel).toContainText('dive efficiency');
  await app.show('Raw');
  await expect(app.panel).toContainText('"org.opencontainers.image.title"');
  await app.panel.getByRole('radio', { name: 'Index 2' }).click();
  await expect(app.panel).toContainText('application/vnd.oci.image.manifest.v1+json');
});

test('every kind of entry has its row and its facts', async ({ app }) => {
  await app.drop(fixture('kinds.tar'));
  await expect(app.page).toHaveTitle(/^kinds\.tar/);
  await app.verified(1);
  await app.walk('dev');
  await app.row('null').click();
  await app.subtab('Attributes');
  await expect(app.details).toContainText('character device');
  await expect(app.details).toContainText('1, 3');
  await app.row('pipe').click();
  await expect(app.details).toContainText('named pipe');
  await app.row('before-1970').click();
  await app.subtab('Attributes');
  await expect(app.details).toContainText('1969');
});
