import { beforeEach, describe, expect, test } from 'vitest';
import { Cache, type Directory, type Entry } from '../engine/cache.ts';

/** A directory in memory, whose clock ticks with each write. */
class FakeDirectory implements Directory {
  files = new Map<string, { bytes: ArrayBuffer; changed: number }>();
  clock = 0;
  slow = false;
  /** What goes wrong with a write. */
  fails: 'never' | 'to-open' | 'to-write' = 'never';

  async getFileHandle(name: string, options?: { create: boolean }): Promise<Entry> {
    if (!this.files.has(name)) {
      if (options?.create !== true) throw new DOMException('none', 'NotFoundError');
      this.files.set(name, { bytes: new ArrayBuffer(0), changed: (this.clock += 1) });
    }
    return {
      kind: 'file',
      name,
      getFile: async () => {
        const file = this.files.get(name);
        if (file === undefined) throw new DOMException('none', 'NotFoundError');
        return { size: file.bytes.byteLength, lastModified: file.changed, arrayBuffer: async () => file.bytes.slice() };
      },
      createSyncAccessHandle: async () => {
        if (this.fails === 'to-open') throw new DOMException('locked', 'NoModificationAllowedError');
        return {
          truncate: () => {},
          write: (bytes) => {
            if (this.fails === 'to-write') throw new DOMException('full', 'QuotaExceededError');
            this.files.set(name, { bytes: bytes.slice(), changed: (this.clock += 1) });
            return bytes.byteLength;
          },
          flush: () => {},
          close: () => {},
        };
      },
    };
  }
  async removeEntry(name: string): Promise<void> {
    if (this.slow) await new Promise((go) => setTimeout(go, 5));
    if (!this.files.delete(name)) throw new DOMException('none', 'NotFoundError');
  }
  async *values(): AsyncIterable<{ kind: string; name: string }> {
    for (const name of [...this.files.keys()]) yield { kind: 'file', name };
  }
}

const bytes = (...all: number[]): ArrayBuffer => new Uint8Array(all).buffer;

describe('a cache', () => {
  let directory: FakeDirectory;
  let cache: Cache;
  beforeEach(() => {
    directory = new FakeDirectory();
    cache = new Cache(async () => directory, 10);
  });

  test('gives back what was put, and nothing that was not', async () => {
    expect(await cache.get('a')).toBeNull();
    await cache.put('a', bytes(1, 2));
    await cache.put('b', bytes(3));
    expect(await cache.get('a')).toEqual(bytes(1, 2));
    expect(await cache.held()).toEqual({ layers: 2, bytes: 3 });
    await cache.remove('a');
    await cache.remove('a');
    expect(await cache.get('a')).toBeNull();
    await cache.clear();
    expect(await cache.held()).toEqual({ layers: 0, bytes: 0 });
  });

  test('keeps what is put after it was to be removed', async () => {
    await cache.put('a', bytes(1));
    directory.slow = true;
    void cache.remove('a');
    await cache.put('a', bytes(2));
    await new Promise((go) => setTimeout(go, 10));
    expect(await cache.get('a')).toEqual(bytes(2));
  });

  test('lets go of the oldest, and never takes more than all', async () => {
    for (const name of ['a', 'b', 'c']) await cache.put(name, bytes(1, 2, 3));
    await cache.put('a', bytes(4, 5, 6));
    await Promise.all([cache.put('d', bytes(7, 8, 9)), cache.put('e', bytes(1))]);
    expect([...directory.files.keys()].sort()).toEqual(['a', 'c', 'd', 'e']);
    await cache.put('f', new ArrayBuffer(11));
    expect(await cache.held()).toEqual({ layers: 4, bytes: 10 });
  });

  test.each(['to-open', 'to-write'] as const)('leaves nothing behind when it fails %s', async (fails) => {
    directory.fails = fails;
    await cache.put('a', bytes(1));
    expect(directory.files.size).toBe(0);
    directory.fails = 'never';
    await cache.put('a', bytes(1));
    expect(await cache.get('a')).toEqual(bytes(1));
  });

  test('is empty where a browser has no files for the page, and says that it keeps nothing', async () => {
    const none = new Cache(() => Promise.reject(new DOMException('private', 'SecurityError')), 10);
    await none.put('a', bytes(1));
    await none.remove('a');
    await none.clear();
    expect(await none.get('a')).toBeNull();
    expect(await none.held()).toBeNull();
    // As in this test's own surroundings.
    expect(await new Cache().held()).toBeNull();
  });
});
