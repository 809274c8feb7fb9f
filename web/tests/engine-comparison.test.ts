import { describe, expect, test } from 'vitest';
import { Comparison } from '../engine/comparison.ts';
import type { Event as SessionEvent, Overview, Source } from '../protocol.ts';

const SOURCE: Source = { kind: 'reference', reference: 'a/b:1' };

function overview(settled: boolean): Overview {
  return { image: { totals: { settled } } } as unknown as Overview;
}

/** A core that counts what it compares, the open image, and the other ones that were made. */
function world(settled: boolean) {
  const told: SessionEvent[] = [];
  const begun: { source: Source; options: object; closed: boolean; emit: (event: SessionEvent) => void; read: boolean }[] = [];
  const core = {
    compared: 0,
    compare: () => JSON.stringify({ number: (core.compared += 1) }),
    compare_rows: () => ({ total: 0, from: 0, rows: [] }),
    compare_toggle: () => {},
    compare_locate: () => null,
    uncompare: () => {},
  };
  const a = { now: settled, handle: 1, source: SOURCE, overview: () => overview(a.now), readAll: () => {}, contentOf: () => Promise.reject(new Error('a')) };
  const comparison = new Comparison(core, a, (emit, after) => {
    const made = { source: SOURCE as Source, options: {}, closed: false, emit, read: false };
    begun.push(made);
    void after.then(() => (made.read = true));
    return {
      ...a,
      handle: 2,
      contentOf: () => Promise.reject(new Error('b')),
      begin: async (source, options) => void Object.assign(made, { source, options }),
      close: () => void (made.closed = true),
    };
  }, (event) => void told.push(event));
  return { comparison, core, a, begun, told };
}

const query = { added: true, removed: true, modified: true, metadata: true, filter: '' };

describe('a comparison', () => {
  test('is of the same source when none is named', async () => {
    const { comparison, begun } = world(true);
    await comparison.begin(null, { platform: 'linux/arm64' });
    expect(begun.map(({ source, options }) => [source, options])).toEqual([[SOURCE, { platform: 'linux/arm64' }]]);
  });

  test('reads the other image after the open one, and is known when both are', async () => {
    const { comparison, a, begun, told } = world(false);
    await comparison.begin(SOURCE, {});
    expect(begun[0]?.read).toBe(false);
    expect(comparison.view(false)).toBeNull();
    begun[0]?.emit({ event: 'overview', overview: overview(true) });
    expect(told.map(({ event }) => event)).toEqual(['other']);
    a.now = true;
    comparison.hear({ event: 'overview', overview: overview(true) });
    await Promise.resolve();
    expect(begun[0]?.read).toBe(true);
    expect(told.map(({ event }) => event)).toEqual(['other', 'compared']);
    expect(comparison.view(false)).toEqual({ number: 1 });
  });

  test('is made once, and again when a layer or the question changes', async () => {
    const { comparison, begun, core, told } = world(true);
    await comparison.begin(SOURCE, {});
    begun[0]?.emit({ event: 'overview', overview: overview(true) });
    comparison.view(false);
    comparison.view(false);
    expect(core.compared).toBe(1);
    comparison.view(true);
    expect(core.compared).toBe(2);
    comparison.hear({ event: 'trees', layer: 0 });
    // Numbers of rows are of what was compared before.
    expect(() => comparison.rows(query, 0, 1)).toThrow();
    expect(told.at(-1)).toEqual({ event: 'compared' });
    comparison.view(true);
    expect(comparison.rows(query, 0, 1).total).toBe(0);
    expect(core.compared).toBe(3);
  });

  test('lets the other image go, and hears nothing more of it', async () => {
    const { comparison, begun, told } = world(true);
    await comparison.begin(SOURCE, {});
    await comparison.begin(null, {});
    expect(begun.map(({ closed }) => closed)).toEqual([true, false]);
    begun[0]?.emit({ event: 'overview', overview: overview(true) });
    expect(told).toEqual([]);
    comparison.close();
    expect(begun[1]?.closed).toBe(true);
    expect(comparison.view(false)).toBeNull();
    await expect(async () => comparison.content('b', 1, 0, 1)).rejects.toThrow();
  });

  test('reads contents of either side', async () => {
    const { comparison, begun } = world(true);
    await comparison.begin(SOURCE, {});
    begun[0]?.emit({ event: 'overview', overview: overview(true) });
    comparison.view(false);
    await expect(comparison.content('a', 1, 0, 1)).rejects.toThrow('a');
    await expect(comparison.content('b', 1, 0, 1)).rejects.toThrow('b');
  });
});
