import { expect, test } from 'vitest';
import { BLOCK, Contents, KEPT, READERS } from '../engine/contents.ts';
import type { Scope } from '../protocol.ts';

const MERGED: Scope = { scope: 'merged' };

/** Files whose every byte tells its node and where it stands. */
function library(sizes: Record<number, number>): { contents: Contents; ran: string[]; gates: (() => void)[]; hold: { on: boolean; fail: boolean } } {
  const ran: string[] = [];
  const gates: (() => void)[] = [];
  const hold = { on: false, fail: false };
  const plan = (_: Scope, node: number, from: number, length: number): string | undefined => {
    const size = sizes[node];
    if (size === undefined) return undefined;
    const range = { start: Math.min(from, size), end: Math.min(from + length, size) };
    return JSON.stringify({ op: 'extract', place: { range: { offset: 0, len: 9 } }, content: { offset: node * 1000, size, range } });
  };
  const run = async (text: string): Promise<ArrayBuffer> => {
    const { offset, range } = (JSON.parse(text) as { content: { offset: number; range: { start: number; end: number } } }).content;
    ran.push(`${offset / 1000}: ${range.start}-${range.end}`);
    if (hold.on) await new Promise<void>((go) => gates.push(go));
    if (hold.fail) throw new Error('broken');
    const bytes = new Uint8Array(range.end - range.start);
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = byteAt(offset / 1000, range.start + index);
    return bytes.buffer;
  };
  return { contents: new Contents(plan, run), ran, gates, hold };
}

const byteAt = (node: number, at: number): number => (node + at) % 251;

test('a read gives exactly the bytes that were asked for', async () => {
  const { contents } = library({ 1: BLOCK + 100 });
  const { bytes, from, size } = await contents.read(MERGED, 1, BLOCK - 2, 5);
  expect({ from, size }).toEqual({ from: BLOCK - 2, size: BLOCK + 100 });
  expect([...new Uint8Array(bytes)]).toEqual([0, 1, 2, 3, 4].map((i) => byteAt(1, BLOCK - 2 + i)));
});

test('the end of a file cuts a read short', async () => {
  const { contents, ran } = library({ 1: 10 });
  expect((await contents.read(MERGED, 1, 8, 100)).bytes.byteLength).toBe(2);
  expect((await contents.read(MERGED, 1, 10, 100)).bytes.byteLength).toBe(0);
  expect((await contents.read(MERGED, 1, 5000, 1)).bytes.byteLength).toBe(0);
  expect(ran).toEqual(['1: 0-10']);
});

test('an empty file needs no worker', async () => {
  const { contents, ran } = library({ 1: 0 });
  expect(await contents.read(MERGED, 1, 0, 100)).toMatchObject({ from: 0, size: 0 });
  expect(ran).toEqual([]);
});

test('what lies in a block that is kept is not read again', async () => {
  const { contents, ran } = library({ 1: 3 * BLOCK, 2: 7 });
  await contents.read(MERGED, 1, 0, 10);
  await contents.read(MERGED, 1, BLOCK - 10, 10);
  await contents.read(MERGED, 2, 0, 7);
  await contents.read(MERGED, 1, 100, 100);
  expect(ran).toEqual([`1: 0-${BLOCK}`, '2: 0-7']);
  await contents.read(MERGED, 1, BLOCK - 1, 2);
  expect(ran.at(-1)).toBe(`1: 0-${2 * BLOCK}`);
});

test('two who ask for the same at one time share one worker', async () => {
  const { contents, ran } = library({ 1: 100 });
  const [a, b] = await Promise.all([contents.read(MERGED, 1, 0, 10), contents.read(MERGED, 1, 0, 10)]);
  expect(ran).toHaveLength(1);
  // Each has bytes of its own to hand over.
  expect(a?.bytes).not.toBe(b?.bytes);
});

test('only so much is kept, and what was used last stays', async () => {
  const sizes = Object.fromEntries(Array.from({ length: 18 }, (_, node) => [node, BLOCK]));
  const { contents, ran } = library(sizes);
  const fits = KEPT / BLOCK;
  for (let node = 0; node < fits; node += 1) await contents.read(MERGED, node, 0, 1);
  await contents.read(MERGED, 0, 0, 1);
  await contents.read(MERGED, fits, 0, 1);
  expect(ran).toHaveLength(fits + 1);
  await contents.read(MERGED, 0, 0, 1);
  expect(ran).toHaveLength(fits + 1);
  await contents.read(MERGED, 1, 0, 1);
  expect(ran).toHaveLength(fits + 2);
});

test('a failure is told and not kept', async () => {
  const { contents, ran, hold } = library({ 1: 5 });
  hold.fail = true;
  await expect(contents.read(MERGED, 1, 0, 5)).rejects.toThrow('broken');
  hold.fail = false;
  expect((await contents.read(MERGED, 1, 0, 5)).bytes.byteLength).toBe(5);
  expect(ran).toHaveLength(2);
});

test('what has no content says so', async () => {
  const { contents } = library({});
  await expect(contents.read(MERGED, 9, 0, 5)).rejects.toMatchObject({ view: { name: 'no-content' } });
});

test('few read at one time, and the others follow', async () => {
  const { contents, ran, gates, hold } = library({ 1: 1, 2: 1, 3: 1, 4: 1 });
  hold.on = true;
  const all = [1, 2, 3, 4].map((node) => contents.read(MERGED, node, 0, 1));
  await Promise.resolve();
  expect(ran).toHaveLength(READERS);
  hold.on = false;
  for (const go of gates) go();
  await Promise.all(all);
  expect(ran).toEqual(['1: 0-1', '2: 0-1', '3: 0-1', '4: 0-1']);
});
