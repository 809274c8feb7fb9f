import { describe, expect, test, vi } from 'vitest';
import { chosenDirectory, chosenFiles, directorySource, dropped, NotASource } from '../drop.ts';
import { saveCommand } from '../components/explain-card.ts';
import { fileName } from '../download.ts';
import { arrive, given } from '../gateway.ts';
import { archiveName, familiar, looksLikeReference, parts, quoted, refusesPages, registryOf, understand } from '../reference.ts';

describe('references, for the eye', () => {
  test.each([
    ['debian', '', 'debian', ''], ['debian:12', '', 'debian', ':12'], ['localhost:5000/lib/bench:1', 'localhost:5000/', 'lib/bench', ':1'],
    ['ghcr.io/acme/api@sha256:abc', 'ghcr.io/', 'acme/api', '@sha256:abc'], ['acme/api', '', 'acme/api', ''], ['localhost/x', 'localhost/', 'x', ''], ['[::1]:5000/x:1', '[::1]:5000/', 'x', ':1'],
  ])('%s', (text, host, repository, tail) => expect(parts(text)).toEqual({ host, repository, tail }));

  test.each([['debian', 'docker.io'], ['index.docker.io/library/debian', 'docker.io'], ['GHCR.io/a/b', 'ghcr.io'], ['localhost:5000/x', 'localhost:5000']])('%s is in %s', (reference, registry) => expect(registryOf(reference)).toBe(registry));
  test.each([['docker.io/library/debian:12', 'debian:12'], ['docker.io/acme/api', 'acme/api'], ['ghcr.io/a/b', 'ghcr.io/a/b']])('%s is familiarly %s', (reference, text) => expect(familiar(reference)).toBe(text));
});

test.each([
  ['debian:12', { kind: 'reference', reference: 'debian:12' }],
  ['  docker pull debian:12\n', { kind: 'reference', reference: 'debian:12' }],
  ['$ podman pull quay.io/a/b', { kind: 'reference', reference: 'quay.io/a/b' }],
  ['docker://ghcr.io/a/b:1', { kind: 'reference', reference: 'ghcr.io/a/b:1' }],
  ['oci+https://example.org/site/debian?x=1#y', { kind: 'layout', url: 'https://example.org/site/debian/' }],
  ['oci+https://me:secret@example.org/x', { kind: 'layout', url: 'https://example.org/x/' }],
  ['oci+https://', { kind: 'reference', reference: 'oci+https://' }],
  ['', { kind: 'nothing' }],
])('%j is understood', (text, typed) => expect(understand(text)).toEqual(typed));

test('prose that is pasted opens nothing', () => {
  for (const text of ['debian:12', 'ghcr.io/acme/api@sha256:' + 'a'.repeat(64), 'docker pull alpine', 'oci+https://example.org/x']) expect(looksLikeReference(text)).toBe(true);
  for (const text of ['two words', 'Hello, world!', 'a\nb', '', 'javascript:alert(1)//x y', '<b>', 'x'.repeat(600), 'oci+https://']) expect(looksLikeReference(text)).toBe(false);
});

test('registries that refuse pages are known by their whole name', () => {
  for (const host of ['docker.io', 'ghcr.io', 'europe-docker.pkg.dev', 'acme.azurecr.io', '1234.dkr.ecr.eu-west-1.amazonaws.com']) expect(refusesPages(host)).toBe(true);
  for (const host of ['localhost:5000', 'example.org', 'notdocker.io', 'docker.io.evil.example', 'pkg.dev']) expect(refusesPages(host)).toBe(false);
});

describe('commands to copy', () => {
  test('save what was asked for', () => {
    expect(saveCommand('docker', 'docker.io/library/debian:12', null)).toBe('docker pull debian:12 && docker save debian:12 -o debian.tar');
    expect(saveCommand('podman', 'ghcr.io/a/b:1', 'linux/arm64')).toBe('podman pull --platform linux/arm64 ghcr.io/a/b:1 && podman save ghcr.io/a/b:1 -o b.tar');
    expect(saveCommand('skopeo', 'debian', 'linux/arm/v7')).toBe('skopeo copy --override-os linux --override-arch arm --override-variant v7 docker://debian oci-archive:debian.tar');
  });

  test('are safe to paste into a shell', () => {
    expect(quoted('debian:12')).toBe('debian:12');
    expect(quoted("a; rm -rf '~'")).toBe(String.raw`'a; rm -rf '\''~'\'''`);
    expect(archiveName('x/$(reboot):1')).toBe('reboot.tar');
  });
});

describe('the gateway', () => {
  const storage = (): Pick<Storage, 'getItem' | 'setItem'> & { kept: Map<string, string> } => {
    const kept = new Map<string, string>();
    return { kept, getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
  };
  const at = (hash: string): { hash: string; pathname: string; search: string } => ({ hash, pathname: '/', search: '?lang=ja' });
  const history = () => ({ state: null, replaceState: vi.fn<History['replaceState']>() });

  test('the secret leaves the address bar and is kept for the tab', () => {
    const [store, past] = [storage(), history()];
    expect(arrive(at('#secret=0123456789abcdef&open=sample'), past, store)).toEqual({ gateway: { prefix: 'registry/', secret: '0123456789abcdef' }, open: 'sample', image: null, platform: null });
    expect(past.replaceState).toHaveBeenCalledExactlyOnceWith(null, '', '/?lang=ja');
    expect(arrive(at(''), history(), store)).toEqual({ gateway: { prefix: 'registry/', secret: '0123456789abcdef' }, open: null, image: null, platform: null });
    expect(arrive(at('#secret=0123456789abcdef&image=a%26b%20c:1&platform=linux/arm64'), history(), store)).toMatchObject({ image: 'a&b c:1', platform: 'linux/arm64' });
  });

  test.each(['', '#', '#secret=', '#secret=short', '#secret=with%20spaces%20in%20it', '#secret=%3Cscript%3E0123'])('%j brings none', (hash) => {
    const store = storage();
    expect(arrive(at(hash), history(), store).gateway).toBeNull();
    expect(store.kept.size).toBe(0);
  });

  test('forbidden storage is survived', () => {
    const broken = { getItem: () => { throw new Error('denied'); }, setItem: () => { throw new Error('denied'); } };
    expect(arrive(at('#secret=0123456789abcdef'), history(), broken).gateway?.secret).toBe('0123456789abcdef');
    expect(arrive(at(''), history(), broken).gateway).toBeNull();
  });

  test('what it was given is asked with the secret, and believed only in its shape', async () => {
    const gateway = { prefix: 'registry/', secret: 's3cret-s3cret' };
    const answers = (body: unknown, status = 200): typeof fetch => vi.fn(() => Promise.resolve(new Response(status === 204 ? null : JSON.stringify(body), { status }))) as unknown as typeof fetch;
    const asked = answers({ name: 'a.tar', kind: 'file', size: 7, more: 1 });
    expect(await given(gateway, asked)).toEqual({ name: 'a.tar', kind: 'file', size: 7 });
    expect(asked).toHaveBeenCalledExactlyOnceWith('source/info', { headers: { 'x-layerscope-secret': 's3cret-s3cret' }, cache: 'no-store' });
    for (const [body, status] of [[{}, 404], [null, 204], [{ name: 'x', kind: 'program' }, 200], ['x', 200]] as const) expect(await given(gateway, answers(body, status))).toBeNull();
    expect(await given(gateway, (() => Promise.reject(new TypeError('gone'))) as typeof fetch)).toBeNull();
  });
});

describe('dropped things', () => {
  const file = (name: string, path = ''): File => Object.assign(new File(['x'], name), { webkitRelativePath: path });

  test('a chosen folder loses its own name', () => {
    expect(chosenDirectory([file('index.json', 'site/index.json'), file('ab', 'site/blobs/sha256/ab')])).toMatchObject({ kind: 'directory', name: 'site', files: [{ path: 'index.json' }, { path: 'blobs/sha256/ab' }] });
  });

  test('what is no layout is refused with its reason', () => {
    expect(() => directorySource('x', [])).toThrow(NotASource);
    expect(() => directorySource('x', [{ path: 'deep/index.json', file: file('index.json') }])).toThrow('no-layout');
    expect(() => chosenFiles([])).toThrow('empty');
  });

  test('a dropped folder is walked to its end, in batches', async () => {
    const leaf = (name: string): FileSystemEntry => ({ isDirectory: false, name, file: (take: (file: File) => void) => take(file(name)) }) as unknown as FileSystemEntry;
    const directory = (name: string, batches: FileSystemEntry[][]): FileSystemEntry => ({ isDirectory: true, name, createReader: () => ({ readEntries: (take: (entries: FileSystemEntry[]) => void) => take(batches.shift() ?? []) }) }) as unknown as FileSystemEntry;
    const entry = directory('layout', [[leaf('index.json')], [leaf('oci-layout'), directory('blobs', [[leaf('one')], [leaf('two')]])]]);
    const source = await dropped({ items: [{ webkitGetAsEntry: () => entry }], files: [] } as unknown as DataTransfer);
    expect(source).toMatchObject({ kind: 'directory', name: 'layout' });
    expect(source.kind === 'directory' && source.files.map(({ path }) => path)).toEqual(['index.json', 'oci-layout', 'blobs/one', 'blobs/two']);
  });
});

test.each([
  ['/usr/bin/perl', 'perl'], ['/', 'file'], ['/a/\u202egpj.exe', '_gpj.exe'], ['/x/..', '_'], ['/x/.bashrc', '_bashrc'], ['/x/a\u0000b:c|d', 'a_b_c_d'], ['/x/りんご.txt', 'りんご.txt'],
])('%j is saved as %s', (path, name) => expect(fileName(path)).toBe(name));
