/** What the selected file is: programs, capabilities, encodings, links, and what a layer changed in it. */
import AxeBuilder from '@axe-core/playwright';
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { ROOT, LAYERSCOPE, fixture } from './machine/root.ts';
import { run } from './machine/program.ts';
import type { App } from './page/app.ts';
import { expect, test } from './page/test.ts';

const IMAGE = fixture('facts.tar');

async function open(app: App, gateway: { startPage: string }, ...path: string[]): Promise<void> {
  await app.visit(gateway.startPage);
  await app.choose(IMAGE);
  await app.verified(2);
  await app.look('Whole image');
  await app.walk(...path.slice(0, -1));
  await app.row(path.at(-1) ?? '').click();
}

test('a program tells what it is, what it needs, and how it is hardened', async ({ gateway, app }) => {
  await open(app, gateway, 'bin', 'ping');
  await expect(app.details.getByRole('tab', { name: 'ELF' })).toHaveAttribute('aria-selected', 'true');
  const facts = app.details.locator('elf-facts');
  for (const words of ['position-independent program (PIE)', 'x86-64, 64-bit, little endian', 'dynamic', '/lib64/ld-linux-x86-64.so.2', 'libfruit.so.1', 'libc.so.6', '$ORIGIN/../usr/lib', '0a0b0c0d01020304', 'not stripped', 'full', 'not executable (NX)']) {
    await expect(facts).toContainText(words);
  }
  await expect(app.details).toContainText('cap_net_raw=ep');
  await app.row('serve').click();
  await expect(facts).toContainText('EXECUTABLE');
  await expect(app.details).toContainText('cap_net_bind_service=ep [rootid=1000]');
  await app.row('cut').click();
  await expect(facts).toContainText('program headers, at byte 64: outside the file');
  await app.subtab('Hex');
  await expect(app.details.getByLabel('Bytes in hex')).toContainText('7f 45 4c 46');
});

test('a digest is worked out when somebody asks, and is that of the bytes', async ({ gateway, app }) => {
  await open(app, gateway, 'usr', 'lib', 'seeds');
  await app.details.getByRole('button', { name: 'Compute from all bytes' }).click();
  const expected = createHash('sha256').update('.'.repeat(2_000_000)).digest('hex');
  await expect(app.details).toContainText(expected);
  expect(await run(LAYERSCOPE, ['file', '--no-cache', IMAGE, '/usr/lib/seeds'])).toContain(expected);
});

test('JSON is laid out, and shown as it is', async ({ gateway, app }) => {
  await open(app, gateway, 'etc', 'app.json');
  await expect(app.details.getByRole('region', { name: 'Text, laid out as JSON' })).toContainText('"kind": "apple"');
  await app.subtab('Content');
  await expect(app.details.getByLabel('Text', { exact: true })).toContainText('{"name":"orchard","trees":[{"kind":"apple"');
});

test('what a system says of itself is a table', async ({ gateway, app }) => {
  await open(app, gateway, 'usr', 'lib', 'os-release');
  await expect(app.details.getByRole('tab', { name: 'Table' })).toHaveAttribute('aria-selected', 'true');
  await expect(app.details).toContainText('Orchard Linux 3 (apple)');
});

test('encodings are told, and guesses are told as guesses', async ({ gateway, app }) => {
  await open(app, gateway, 'text', 'utf16le.txt');
  for (const [file, text, encoding] of [
    ['utf16le.txt', 'りんご', 'UTF-16, little endian'], ['utf16be.txt', 'りんご', 'UTF-16, big endian'], ['latin1.txt', 'Crème brûlée', 'a guess: Latin-1'], ['shift-jis.txt', 'りんごの木', 'a guess: Shift_JIS'],
    ['euc-jp.txt', 'りんごの木', 'a guess: EUC-JP'],
  ] as const) {
    await app.row(file).click();
    await expect(app.details.getByLabel('Text', { exact: true })).toContainText(text);
    await expect(app.details.locator('.content-head')).toContainText(encoding);
  }
});

test('text is searched, with a count and a way from one place to the next', async ({ gateway, app }) => {
  await open(app, gateway, 'etc', 'motd');
  const search = app.details.getByRole('searchbox', { name: 'Find in this file' });
  await search.fill('ripe');
  await expect(app.details.locator('.found')).toHaveText('1 of 2');
  await expect(app.details.locator('mark')).toHaveCount(2);
  await search.press('Enter');
  await expect(app.details.locator('.found')).toHaveText('2 of 2');
  await expect(app.details.locator('mark').nth(1)).toHaveClass('current');
  await app.details.getByRole('button', { name: 'Previous match' }).click();
  await expect(app.details.locator('.found')).toHaveText('1 of 2');
  await search.fill('nothing like it');
  await expect(app.details.locator('.found')).toHaveText('not found');
});

test('each step of a chain of links leads there', async ({ gateway, app }) => {
  await open(app, gateway, 'links', 'first');
  for (const path of ['/links/second', '/links/third', '/etc/motd']) await expect(app.details.getByRole('button', { name: path, exact: true })).toBeVisible();
  await app.details.getByRole('button', { name: '/etc/motd', exact: true }).click();
  await expect(app.details.getByLabel('Text', { exact: true })).toContainText('Welcome to the orchard.');
  await app.row('out').click();
  await expect(app.details).toContainText('climbs above the root');
  await app.row('broken').click();
  await expect(app.details).toContainText('nothing is there');
  await app.row('left').click();
  await expect(app.details).toContainText('the links go in a circle');
});

test('what a layer changed in a text is shown line by line', async ({ gateway, app }) => {
  await open(app, gateway, 'etc', 'motd');
  await app.details.getByRole('button', { name: 'What changed in it' }).click();
  const diff = app.details.locator('file-diff');
  await expect(diff.locator('.removed')).toHaveText([/Apples are ripe in September\./, /Plums are ripe in July\./]);
  await expect(diff.locator('.added')).toHaveText([/Apples are ripe in October\./, /Mind the wasps\./]);
});

test('files are found by what they are, by words that are typed or chosen', async ({ gateway, app }) => {
  const { page } = app;
  await app.visit(gateway.startPage);
  await app.choose(IMAGE);
  await app.verified(2);
  await app.look('Whole image');
  for (const [filter, names] of [
    ['suid:', ['bin', 'su']], ['cap: uid:0', ['bin', 'ping', 'serve']], ['dup:', ['bin', 'ping', 'ping-copy']], ['link:broken', ['links', 'broken', 'left', 'right']], ['size:>1M', ['usr', 'lib', 'seeds']],
    ['exec: su', ['bin', 'su']], ['xattr:', ['tmp', 'noted']],
  ] as const) {
    await app.filter.fill(filter);
    await expect.poll(() => app.names(), filter).toEqual(names);
  }
  await app.filter.fill('"suid:"');
  await expect(app.rows).toHaveCount(0);
  await app.filter.fill('size:>lots');
  await expect(app.filter).toHaveAttribute('aria-invalid', 'true');
  await app.filter.fill('p');
  await page.getByRole('button', { name: 'Filter by…' }).click();
  const menu = page.getByRole('group', { name: 'Filter by…' });
  await menu.getByRole('button', { name: 'has capabilities' }).click();
  await expect(app.filter).toHaveValue('cap: p');
  await expect(menu.getByRole('button', { name: 'has capabilities' })).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(() => app.names()).toEqual(['bin', 'ping']);
  await menu.getByRole('button', { name: 'content that others have, too' }).click();
  await expect(app.filter).toHaveValue('cap: dup: p');
  await menu.getByRole('button', { name: 'has capabilities' }).click();
  await expect(app.filter).toHaveValue('dup: p');
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await expect.poll(() => app.names()).toEqual(['bin', 'ping', 'ping-copy']);
});

for (const viewport of [{ width: 1440, height: 900 }, { width: 1024, height: 768 }, { width: 390, height: 844 }]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${viewport.width} ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test('facts have no barrier and fit the window', async ({ gateway, app }) => {
        test.slow();
        const { page } = app;
        await mkdir(`${ROOT}test-results/shots`, { recursive: true });
        await app.visit(gateway.startPage);
        await app.choose(IMAGE);
        await app.verified(2);
        await page.getByRole('button', { name: 'Filter by…' }).click();
        await page.getByRole('group', { name: 'Filter by…' }).getByRole('button', { name: 'may be executed' }).click();
        await page.screenshot({ path: `${ROOT}test-results/shots/facts-menu-${viewport.width}-${colorScheme}.png`, animations: 'disabled' });
        expect.soft((await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `menu: ${id}: ${nodes[0]?.failureSummary}`)).toEqual([]);
        await page.keyboard.press('Escape');
        await app.filter.fill('');
        // Where there is little room, the details come when a row is chosen.
        await expect(app.row('etc')).toBeVisible();
        await app.walk('bin');
        await app.row('ping').click();
        for (const [name, path, text] of [['program', '/bin/ping', 'FORTIFY'], ['json', '/etc/app.json', '"orchard"'], ['chain', '/links/first', 'Leads to'], ['change', '/etc/motd', 'Apples']] as const) {
          await page.evaluate((to) => {
            const url = new URL(location.href);
            url.searchParams.set('path', to);
            history.pushState(null, '', url);
            dispatchEvent(new PopStateEvent('popstate'));
          }, path);
          await expect(app.details.locator('.crumb b')).toHaveText(path.split('/').at(-1) ?? '');
          if (name === 'change') {
            await app.details.getByRole('searchbox').fill('ripe');
            await app.details.getByRole('button', { name: 'What changed in it' }).click();
            await expect(app.details.locator('file-diff .added').first()).toBeVisible();
          }
          await expect(app.details).toContainText(text);
          await expect(app.details).not.toContainText('Reading…');
          await page.screenshot({ path: `${ROOT}test-results/shots/facts-${name}-${viewport.width}-${colorScheme}.png`, animations: 'disabled' });
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect.soft(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${name}: ${id}: ${node.target.join(' ')}: ${node.failureSummary}`))).toEqual([]);
          const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
          expect.soft(inner).toBeLessThanOrEqual(outer ?? 0);
        }
      });
    });
  }
}
