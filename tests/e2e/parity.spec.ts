/** The same core, native and as wasm, says the same to the last byte. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { test as base, expect, type Page } from '@playwright/test';
import { attempt } from './machine/program.ts';
import { DIST, FIXTURES, fixture, GENERATED, LAYERSCOPE, ROOT } from './machine/root.ts';
import { StaticServer } from './machine/static-server.ts';

/** Views of the core, and how the command line prints each. */
const VIEWS: Readonly<Record<string, readonly string[]>> = {
  platforms: ['platforms'], history: ['history'], layers: ['layers'], list: ['ls', '-R'], waste: ['waste'], manifest: ['manifest'], config: ['config'],
};

interface Said {
  readonly views?: Record<string, string | undefined>;
  readonly error?: { readonly name: string; readonly text: string };
}

/** The archives of the fault matrix, which its native test has written: `cargo test -p layerscope-tests --test matrix`. */
const MATRIX = `${ROOT}target/matrix/`;

/** A page allows half the zstd window that the command line does, and says so. */
const asInAPage = (text: string): string => text.replaceAll(String(128 << 20), String(64 << 20));

/** Rows whose answer is a gigabyte of text on one side, which nothing is gained by comparing. */
const TOO_LONG: Readonly<Record<string, readonly string[]>> = { 'B39.tar': ['list'] };

/** A finding without its sentences, which are in the reader's language. */
interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly layer: number | null;
  readonly path: string | null;
  readonly args: Readonly<Record<string, string>>;
}
const facts = ({ id, severity, layer, path, args }: Finding): Finding => ({ id, severity, layer: layer ?? null, path: path ?? null, args });

const test = base.extend<object, { site: StaticServer; core: Page }>({
  site: [
    async ({}, use) => {
      const site = await StaticServer.start({ '/parity/': `${ROOT}tests/e2e/parity`, '/generated/': GENERATED, '/fixtures/': FIXTURES, '/matrix/': MATRIX });
      await use(site);
      await site.end();
    },
    { scope: 'worker' },
  ],
  // One page for many archives: a session leaves nothing behind, and after a failure there is another worker.
  core: [
    async ({ browser, site }, use) => {
      const page = await browser.newPage();
      await page.goto(`${site.origin}/parity/`);
      await page.waitForFunction('globalThis.ready === true');
      await use(page);
      await page.close();
    },
    { scope: 'worker' },
  ],
});

const sources = readdirSync(FIXTURES).filter((name) => name !== 'README.md').sort();

const rows = existsSync(MATRIX) ? readdirSync(MATRIX).filter((name) => name.endsWith('.tar')).sort() : [];

/** The files of a source, and where the page finds them. */
async function filesOf(name: string): Promise<{ path: string; url: string }[]> {
  if (statSync(fixture(name)).isFile()) return [{ path: name, url: `/fixtures/${name}` }];
  const below = await readdir(fixture(name), { recursive: true, withFileTypes: true });
  return below
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(fixture(name).length + 1))
    .map((path) => ({ path, url: `/fixtures/${name}/${path}` }));
}

test('there are fixtures', () => {
  expect(sources.length).toBeGreaterThan(20);
  expect(sources).toContain('oci-layout');
});

for (const name of sources) {
  test(`native and wasm agree on ${name}`, async ({ core }) => {
    const files = await filesOf(name);
    const said = (await core.evaluate(
      ([name, files, views]) => (globalThis as unknown as { inspect: (...args: unknown[]) => Promise<unknown> }).inspect(name, files, views),
      [name, files, Object.keys(VIEWS)] as const,
    )) as Said;
    for (const [view, command] of Object.entries(VIEWS)) {
      const native = await attempt(LAYERSCOPE, [...command, fixture(name), '--json', '--quiet']);
      if (said.error !== undefined) {
        expect(native.code, view).toBe(2);
        expect(native.stderr, view).toContain(said.error.text);
      } else if (said.views?.[view] === undefined) {
        // Old archives have no manifest, and both sides say so.
        expect(view).toBe('manifest');
        expect([native.code, native.stdout]).toEqual([2, '']);
      } else {
        expect(native.code, native.stderr).not.toBe(2);
        expect(said.views[view], view).toBe(native.stdout.replace(/\n$/, ''));
      }
    }
  });
}

for (const [a, b] of [['docker-save-24.tar', 'docker-save-25.tar'], ['oci-gzip.tar', 'oci-zstd.tar'], ['kinds.tar', 'hostile-names.tar'], ['mismatched-layer.tar', 'buildkit.tar']] as const) {
  test(`native and wasm agree on what ${a} and ${b} differ in`, async ({ core }) => {
    const [one, other] = [a, b].map((path) => ({ path, url: `/fixtures/${path}` }));
    const said = (await core.evaluate(([one, other]) => (globalThis as unknown as { differ: (...args: unknown[]) => Promise<string> }).differ(one, other), [one, other] as const)) as string;
    const native = await attempt(LAYERSCOPE, ['diff', fixture(a), fixture(b), '--json', '--quiet']);
    // The command line lists the files beside it, which the page asks for row by row.
    const { files, ...rest } = JSON.parse(native.stdout) as { files: unknown[] } & Record<string, unknown>;
    expect(files.length > 0, native.stderr).toBe(rest['same'] === false);
    expect(said).toBe(JSON.stringify(rest, null, 2));
  });
}

test('there is an archive for each row of the matrix that has one', () => {
  const pictures = readdirSync(`${ROOT}tests/matrix/pictures`).map((name) => name.replace(/txt$/, 'tar'));
  expect(pictures.length).toBeGreaterThan(130);
  expect(rows).toEqual(expect.arrayContaining(pictures));
});

for (const name of rows) {
  test(`native and wasm agree on row ${name}`, async ({ core }) => {
    const views = Object.keys(VIEWS).filter((view) => TOO_LONG[name]?.includes(view) !== true);
    const files = [{ path: name, url: `/matrix/${name}` }];
    const said = (await core.evaluate(
      ([name, files, views]) => (globalThis as unknown as { inspect: (...args: unknown[]) => Promise<unknown> }).inspect(name, files, views),
      [name, files, [...views, 'inspect']] as const,
    )) as Said;
    let compared = 0;
    for (const view of views) {
      const native = await attempt(LAYERSCOPE, [...(VIEWS[view] ?? []), `${MATRIX}${name}`, '--json', '--quiet']);
      expect([0, 1, 2], native.stderr).toContain(native.code);
      if (said.error !== undefined) {
        expect(native.code, view).toBe(2);
        expect(native.stderr, view).toContain(said.error.text);
        compared += 1;
      } else if (native.code !== 2) {
        // What cannot be shown of an image is an error on the command line, and an empty view in the page.
        expect(said.views?.[view], view).toBe(asInAPage(native.stdout).replace(/\n$/, ''));
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(0);

    const inspected = said.views?.['inspect'];
    const listed = await attempt(LAYERSCOPE, ['findings', `${MATRIX}${name}`, '--json', '--quiet']);
    if (inspected === undefined || listed.code === 2) return;
    const found = (JSON.parse(inspected) as { findings: Finding[] }).findings.map(facts);
    expect(found).toEqual((JSON.parse(asInAPage(listed.stdout)) as { findings: Finding[] }).findings.map(facts));
  });
}

test('the wasm is small enough to be loaded by everyone', async () => {
  const assets = await readdir(`${DIST}/assets`);
  const wasm = assets.filter((name) => name.endsWith('.wasm'));
  expect(wasm).toHaveLength(1);
  const bytes = await readFile(`${DIST}/assets/${wasm[0]}`);
  // By gzip itself: the zlib in Node is one that gives up size for speed.
  const packed = spawnSync('gzip', ['-9', '-c'], { input: bytes, maxBuffer: bytes.length });
  expect(packed.status).toBe(0);
  expect(packed.stdout.length).toBeLessThan(445_000);
  // It is the one that was compared.
  expect(bytes.equals(await readFile(`${GENERATED}/layerscope_wasm_bg.wasm`))).toBe(true);
});
