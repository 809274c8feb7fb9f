import { expect, test } from 'vitest';
import { reach } from '../engine/source.ts';

const ORIGIN = 'http://127.0.0.1:4711';
const RANGE = { range: { offset: 0, len: 1 } };

/** Answers once, and remembers what was asked. */
function answering(answer: () => Response): { ask: typeof fetch; asked: { url: string; headers: Record<string, string> }[] } {
  const asked: { url: string; headers: Record<string, string> }[] = [];
  const ask = async (url: RequestInfo | URL, request?: RequestInit): Promise<Response> => {
    asked.push({ url: String(url), headers: Object.fromEntries(new Headers(request?.headers)) });
    return answer();
  };
  return { ask: ask as typeof fetch, asked };
}

test('a dropped file is its own bytes', async () => {
  const file = new File(['12345'], 'a.tar');
  const found = await reach({ kind: 'file', file }, ORIGIN);
  expect(found).toMatchObject({ source: { kind: 'file', file }, size: 5 });
  expect(found.accessTo(RANGE)).toEqual({ blob: file });
  expect(found.accessTo({ member: 3 })).toEqual({ blob: file });
});

test('files of a directory are found by their path, and only by it', async () => {
  const file = new File(['x'], 'x');
  const found = await reach({ kind: 'directory', name: 'd', files: [{ path: 'blobs/sha256/aa', file }] }, ORIGIN);
  expect(found.accessTo({ file: { path: 'blobs/sha256/aa' } })).toEqual({ blob: file });
  expect(found.accessTo({ file: { path: 'blobs/sha256/bb' } })).toBeNull();
  expect(found.accessTo(RANGE)).toBeNull();
});

test('the sample is fetched whole and becomes a file', async () => {
  const { ask, asked } = answering(() => new Response('sample'));
  const found = await reach({ kind: 'url', url: 'http://x/sample.tar', name: 'sample.tar' }, ORIGIN, ask);
  expect(asked).toEqual([{ url: 'http://x/sample.tar', headers: {} }]);
  expect(found).toMatchObject({ source: { kind: 'file' }, size: 6 });
  const { blob } = found.accessTo(RANGE) ?? {};
  expect(blob).toBeInstanceOf(File);
  expect((blob as File).name).toBe('sample.tar');
  expect(await blob?.text()).toBe('sample');
});

test('a served file is asked for its size and for nothing more', async () => {
  const { ask, asked } = answering(() => new Response('x', { status: 206, headers: { 'content-range': 'bytes 0-0/9007199254740991' } }));
  const source = { kind: 'url', url: 'http://x/source/file', name: 'big.tar', secret: 's3cret-s3cret' } as const;
  const found = await reach(source, ORIGIN, ask);
  expect(asked).toEqual([{ url: source.url, headers: { range: 'bytes=0-0', 'x-layerscope-secret': source.secret } }]);
  expect(found).toMatchObject({ source: { ...source, size: 9_007_199_254_740_991 }, size: 9_007_199_254_740_991 });
  expect(found.accessTo(RANGE)).toEqual({ url: source.url, secret: source.secret });
});

test('the size of an empty file stands in the refusal', async () => {
  const { ask } = answering(() => new Response('', { status: 416, headers: { 'content-range': 'bytes */0' } }));
  const found = await reach({ kind: 'url', url: 'http://x/f', name: 'f', secret: 's' }, ORIGIN, ask);
  expect(found.size).toBe(0);
});

test('a server without ranges is not read whole', async () => {
  const { ask } = answering(() => new Response('everything', { status: 200 }));
  const opening = reach({ kind: 'url', url: 'http://x/f', name: 'f', secret: 's' }, ORIGIN, ask);
  await expect(opening).rejects.toMatchObject({ view: { name: 'http-status', expected: '206', found: '200' } });
});

test('a gateway says by name why it refuses', async () => {
  const { ask } = answering(() => Response.json({ error: { name: 'secret-missing' } }, { status: 403 }));
  const opening = reach({ kind: 'url', url: 'http://x/f', name: 'f', secret: 's' }, ORIGIN, ask);
  await expect(opening).rejects.toMatchObject({ view: { name: 'secret-missing', found: '403' } });
});

test.each(['not json', '{"error":{"name":"<b>Bad</b>"}}', '{"error":null}'])('anything else that refuses is told by its status: %s', async (body) => {
  const { ask } = answering(() => new Response(body, { status: 500 }));
  const opening = reach({ kind: 'url', url: 'http://x/f', name: 'f' }, ORIGIN, ask);
  await expect(opening).rejects.toMatchObject({ view: { name: 'http-status', at: 'http://x/f', found: '500' } });
});

test('a host that does not answer is a network failure', async () => {
  const ask = (() => Promise.reject(new TypeError('Failed to fetch'))) as typeof fetch;
  const opening = reach({ kind: 'url', url: 'http://x/f', name: 'f' }, ORIGIN, ask);
  await expect(opening).rejects.toMatchObject({ view: { name: 'network', at: 'http://x/f' } });
});

test('a layout behind a URL is read below it', async () => {
  const found = await reach({ kind: 'layout-url', url: 'http://x/layout', name: 'l', secret: 's' }, ORIGIN);
  expect(found.source).toEqual({ kind: 'layout-url', url: 'http://x/layout/', name: 'l', secret: 's' });
  expect(found.accessTo({ file: { path: 'index.json' } })).toEqual({ url: 'http://x/layout/', secret: 's' });
  const open = await reach({ kind: 'layout-url', url: 'http://x/layout/', name: 'l' }, ORIGIN);
  expect(open.accessTo(RANGE)).toEqual({ url: 'http://x/layout/' });
});

test("a gateway is found from the page's origin, wherever the worker lives", async () => {
  const source = { kind: 'reference', reference: 'alpine', gateway: { prefix: 'registry/', secret: 's' } } as const;
  const found = await reach(source, ORIGIN);
  expect(found.source).toEqual({ ...source, gateway: { prefix: `${ORIGIN}/`, secret: 's' } });
  expect(found.accessTo({ http: {} })).toEqual({});
  expect((await reach({ kind: 'reference', reference: 'alpine' }, ORIGIN)).source).toEqual({ kind: 'reference', reference: 'alpine' });
});
