import { describe, expect, test } from 'vitest';
import { architectureHere } from '../machine.ts';
import { baseOf, isOfficial, systemName } from '../origin.ts';
import type { ImageView, Overview } from '../protocol.ts';
import { grouped } from '../components/waste-view.ts';
import { rulesText, USUAL } from '../gate-rules.ts';

const overview = (kind: string, canonical: string | null): Overview => ({ source: { kind, canonical } }) as unknown as Overview;
const image = (annotations: object = {}, labels: object = {}): ImageView => ({ annotations, runtime: { labels } }) as unknown as ImageView;

describe('whose image it is', () => {
  test.each([
    ['registry', 'docker.io/library/alpine:3.20', {}, true], ['registry', 'docker.io/acme/api:1', {}, false], ['registry', 'ghcr.io/library/x:1', {}, false], ['docker-archive', null, {}, null],
    ['oci-archive', null, { 'com.docker.official-images.bashbrew.arch': 'amd64' }, true], ['registry', 'public.ecr.aws/docker/library/alpine:3', { 'com.docker.official-images.bashbrew.arch': 'amd64' }, true],
  ])('%s %s %j: %s', (kind, canonical, annotations, official) => expect(isOfficial(overview(kind, canonical), image(annotations))).toBe(official));

  test('an annotation goes before a label', () => {
    const both = image({ 'org.opencontainers.image.base.name': 'a' }, { 'org.opencontainers.image.base.name': 'b', 'org.opencontainers.image.base.digest': 'sha256:1' });
    expect(baseOf(both)).toEqual({ name: 'a', digest: 'sha256:1' });
  });
});

test.each([
  ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian"\n', 'Debian GNU/Linux 12 (bookworm)'], ["NAME=Alpine\nVERSION='3.20'\n", 'Alpine 3.20'], ['NAME=Void\n', 'Void'], ['ID=x\n', null], ['PRETTY_NAME=""\nNAME=y', 'y'],
  ['PRETTY_NAME="a \\"b\\" \\$c"', 'a "b" $c'], ['', null],
])('%j is %j', (text, name) => expect(systemName(text)).toBe(name));

describe('the machine', () => {
  const agent = (answer: object): object => ({ userAgentData: { getHighEntropyValues: async () => answer } });
  test.each([
    [agent({ architecture: 'x86', bitness: '64' }), 'amd64'], [agent({ architecture: 'arm', bitness: '64' }), 'arm64'], [agent({ architecture: '', bitness: '' }), null], [agent({}), null], [{}, null],
    [{ userAgentData: { getHighEntropyValues: async () => Promise.reject(new Error('no')) } }, null],
  ])('%# is told, or nothing is said', async (browser, name) => expect(await architectureHere(browser)).toBe(name));
});

test('waste is summed by what would have to change', () => {
  const paths = [
    { path: '/a', bytes: 5, cause: 'deleted', layer: 0, by: 2 }, { path: '/c', bytes: 4, cause: 'overwritten', layer: 1, by: 2 }, { path: '/b', bytes: 3, cause: 'deleted', layer: 0, by: 2 }, { path: '/d', bytes: 1, cause: 'deleted', layer: 1, by: 2 },
  ] as const;
  expect(grouped(paths)).toEqual([
    { cause: 'deleted', layer: 0, by: 2, bytes: 8, count: 2, example: '/a' }, { cause: 'overwritten', layer: 1, by: 2, bytes: 4, count: 1, example: '/c' }, { cause: 'deleted', layer: 1, by: 2, bytes: 1, count: 1, example: '/d' },
  ]);
});

test('thresholds make a file', () => expect(rulesText({ ...USUAL, highestWastedBytes: ' 20MB ' })).toBe('rules:\n  lowestEfficiency: 0.9\n  highestWastedBytes: 20MB\n  highestUserWastedPercent: 0.1\n'));
