import { describe, expect, test } from 'vitest';
import { forSource, parseView, printView, sameSource, sourceKey, START, type View } from '../state.ts';

const FULL: View = {
  opened: { kind: 'reference', reference: 'localhost:5000/lib/bench:1@sha256:' + 'a'.repeat(64) }, platform: 'linux/arm64/v8', image: '2', tab: 'raw', scope: 'up-to', layer: 4,
  path: '/etc/日本 & =?#+%2F.conf', filter: '/^a+b\\/$/', sort: 'size', ghosts: false, changedOnly: true, columns: ['size', 'mtime'], thresholds: { lowestEfficiency: '0,95', highestWastedBytes: '2 kB', highestUserWastedPercent: '' }, mapColour: 'change', mapAs: 'table', compare: 'ghcr.io/acme/api:3', comparePlatform: 'linux/arm64', compareImage: '1', language: 'ja', theme: 'dark',
};

describe('a view survives the address bar', () => {
  test.each<[string, View]>([
    ['the start', START],
    ['everything', FULL],
    ['the sample', { ...START, opened: { kind: 'sample' } }],
    ['a file', { ...START, opened: { kind: 'file', name: 'a&b=c.tar' } }],
    ['a directory', { ...START, opened: { kind: 'directory', name: 'oci layout' } }],
    ['what is served', { ...START, opened: { kind: 'served', name: 'x.tar' } }],
    ['a layout beside the page', { ...START, opened: { kind: 'layout', url: 'images/nuts' } }],
    ['a layout', { ...START, opened: { kind: 'layout', url: 'https://example.org/a%20b/' } }],
    ['a filter that ends in =', { ...START, opened: { kind: 'sample' }, filter: 'a=&b=' }],
    ['language and theme alone', { ...START, language: 'en', theme: 'light' }],
  ])('%s', (_, view) => expect(parseView(printView(view))).toEqual(view));
});

test('defaults are left out, and references stay readable', () => {
  expect(printView(START)).toBe('');
  expect(printView({ ...START, opened: { kind: 'sample' } })).toBe('?sample');
  expect(printView({ ...START, opened: { kind: 'reference', reference: 'ghcr.io/acme/api:2' }, path: '/etc/motd' })).toBe('?ref=ghcr.io/acme/api:2&path=/etc/motd');
});

test('layers count from 1 in links', () => {
  expect(parseView('?sample&layer=0').layer).toBe(0);
  expect(parseView('?sample&layer=12').layer).toBe(12);
  expect(printView({ ...START, opened: { kind: 'sample' }, layer: 0 })).toContain('layer=0');
});

test.each(['?layer=00', '?layer=-1', '?layer=1e3', '?layer=999999', '?tab=nope', '?scope=x', '?path=relative', '?sort=colour', '?lang=xx', '?theme=blue', '?layout=javascript:alert(1)', '?layout=//elsewhere/', '?layout=/\\\\elsewhere/', '?layout=', '?cols=nope', '?colour=red', '?map=globe', '?lowestEfficiency=0%0A1', '?ref=', '?file='])('%s is ignored', (search) => {
  expect(parseView(search)).toEqual(START);
});

test('another source forgets where one was, and keeps how one looks', () => {
  const next = forSource(FULL, { kind: 'sample' });
  expect(next).toMatchObject({ opened: { kind: 'sample' }, platform: null, image: null, tab: 'files', scope: 'merged', layer: null, path: null, filter: '', changedOnly: false });
  expect(next).toMatchObject({ sort: 'size', ghosts: false, language: 'ja', theme: 'dark' });
});

test('sources are told apart', () => {
  const keys = [null, { kind: 'sample' }, { kind: 'file', name: 'a' }, { kind: 'directory', name: 'a' }, { kind: 'reference', reference: 'a' }, { kind: 'layout', url: 'https://a/' }] as const;
  expect(new Set(keys.map(sourceKey)).size).toBe(keys.length);
  expect(sameSource({ kind: 'file', name: 'a' }, { kind: 'file', name: 'a' })).toBe(true);
  expect(sameSource({ kind: 'sample' }, null)).toBe(false);
});
