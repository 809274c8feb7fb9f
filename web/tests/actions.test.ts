import { describe, expect, test } from 'vitest';
import { ACTIONS, KeyReader, opensPalette, pinned, possible } from '../actions.ts';
import { USUAL_COLUMNS } from '../columns.ts';
import { matching } from '../components/command-palette.ts';
import { t } from '../i18n.ts';
import type { Model } from '../model.ts';
import { START, TABS } from '../state.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

/** As much of a model as the table reads. */
function model(change: object = {}): Model {
  const layers = [{ number: 0, state: 'verified', digest: DIGEST, diffId: DIGEST, instruction: { keyword: 'COPY', text: '. /app', full: '' } }];
  const image = { digest: DIGEST, imageId: DIGEST, layers };
  const overview = { source: { kind: 'registry', canonical: 'ghcr.io/acme/api:1' }, choices: [], chosen: 0, findings: [], image };
  return { phase: { name: 'open' }, view: START, overview, image, layer: layers[0], meter: { busy: false }, stopped: false, columns: USUAL_COLUMNS, ...change } as unknown as Model;
}

describe('the table', () => {
  test('no two actions have one name, or one way to be pressed', () => {
    const names = ACTIONS.map(({ id }) => id);
    expect(new Set(names).size).toBe(names.length);
    const keys = ACTIONS.filter(({ within }) => within === undefined).flatMap(({ keys = [], also = [] }) => [keys, also]).filter((each) => each.length > 0).map((each) => each.join(' '));
    expect(new Set(keys).size).toBe(keys.length);
    // The first of two keys does nothing by itself.
    const single = new Set(keys.filter((each) => !each.includes(' ')));
    expect(keys.filter((each) => /^\S \S$/.test(each) && single.has(each[0] ?? ''))).toEqual([]);
  });

  test('a key of one tab is its own there, and stands before what it does elsewhere', () => {
    const own = ACTIONS.filter(({ within }) => within !== undefined).map(({ within, keys }) => `${within} ${keys?.join(' ')}`);
    expect(new Set(own).size).toBe(own.length);
    const [finding, difference] = ['next finding', 'next difference'].map((id) => ACTIONS.findIndex((action) => action.id === id));
    expect(difference).toBeLessThan(finding ?? 0);
  });

  test('each tab is gone to by a key of its own, the first ones by their place', () => {
    const keys = TABS.map((tab) => ACTIONS.find(({ id }) => id === `go to ${tab}`)?.keys ?? []);
    expect(keys.every((key) => key.length === 1)).toBe(true);
    expect(new Set(keys.flat()).size).toBe(TABS.length);
    expect(keys.slice(0, 9).flat().join('')).toBe('123456789');
  });

  test('an image of a registry is copied by its digest, in the words of each tool', () => {
    expect(pinned(model())).toBe(`ghcr.io/acme/api@${DIGEST}`);
    const notes = ACTIONS.filter(({ icon }) => icon === 'terminal').map(({ note }) => note?.(model()));
    expect(notes).toEqual([
      `docker pull ghcr.io/acme/api@${DIGEST}`, `skopeo copy docker://ghcr.io/acme/api@${DIGEST} docker-archive:api.tar`,
      `crane pull ghcr.io/acme/api@${DIGEST} api.tar`, `layerscope verify ghcr.io/acme/api@${DIGEST}`,
    ]);
    const archive = model({ overview: { source: { kind: 'docker-archive', canonical: null }, choices: [], chosen: 0, findings: [] } });
    expect(pinned(archive)).toBeNull();
    expect(possible(archive).some(({ icon }) => icon === 'terminal')).toBe(false);
  });
});

describe('keys', () => {
  test('one key, or two that come soon after each other', () => {
    const reader = new KeyReader();
    expect(reader.read('t', 0, model())).toMatchObject({ id: 'theme light dark' });
    expect(reader.read('c', 100, model())).toBe('waiting');
    expect(reader.read('d', 300, model())).toMatchObject({ id: 'copy digest' });
    expect(reader.read('d', 400, model())).toBeNull();
    expect(reader.read('c', 500, model())).toBe('waiting');
    expect(reader.read('d', 5000, model())).toBeNull();
    // What does not follow is a key of its own.
    expect(reader.read('c', 6000, model())).toBe('waiting');
    expect(reader.read('t', 6100, model())).toMatchObject({ id: 'theme light dark' });
  });

  test('what cannot be done now takes no key', () => {
    const closed = model({ phase: { name: 'start' }, overview: null, image: null, layer: null });
    expect(new KeyReader().read('v', 0, closed)).toBeNull();
    expect(new KeyReader().read('1', 0, closed)).toBeNull();
    expect(new KeyReader().read('t', 0, closed)).not.toBeNull();
  });

  test.each([
    [{ key: 'k', ctrlKey: true }, true, true], [{ key: 'K', metaKey: true }, false, true], [{ key: ':' }, false, true], [{ key: ':' }, true, false], [{ key: 'k' }, false, false],
    [{ key: 'k', ctrlKey: true, altKey: true }, false, false],
  ])('%j opens the palette, typing %s: %s', (key, typing, opens) => {
    expect(opensPalette({ ctrlKey: false, metaKey: false, altKey: false, ...key }, typing)).toBe(opens);
  });
});

describe('what is typed', () => {
  const found = possible(model()).map((action) => ({ action, text: action.text?.(model()) ?? t(action.name), note: action.note?.(model()) ?? null }));
  const ids = (typed: string): string[] => matching(found, typed).map(({ action }) => action.id);

  test('finds parts of words, in any order, names before all else', () => {
    expect(ids('copy dig')[0]).toBe('copy digest');
    expect(ids('dig copy')).toContain('copy image digest');
    expect(ids('docker')).toEqual(['copy docker pull by digest', 'copy skopeo']);
    expect(ids('no such thing')).toEqual([]);
    expect(ids('').length).toBe(found.length);
  });

  test('is found in English too, and by group', () => {
    expect(ids('export').length).toBe(11);
    expect(ids('日本語')).toEqual(['language 日本語']);
  });
});
