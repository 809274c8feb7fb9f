import { expect, test } from 'vitest';
import { Failure, type Client } from '../client.ts';
import { Other, type Wanted } from '../other.ts';
import type { CompareView, LayerView, Overview } from '../protocol.ts';

/** A client that notes what it is asked, and answers what it is told to. */
function world(answers: Readonly<Record<string, unknown>> = {}) {
  const asked: string[] = [];
  const client = {
    request: (op: string): Promise<unknown> => {
      asked.push(op);
      const answer = answers[op] ?? null;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  } as unknown as Client;
  const state = { changes: 0 };
  const other = new Other(() => (state.changes += 1));
  return { asked, client, other, state };
}

const SAME: Wanted = { key: 'same', source: null, options: { platform: 'linux/arm64' } };
const settled = async (): Promise<void> => void (await new Promise((go) => setTimeout(go, 0)));

test('what is wanted is asked for once, and let go of when nothing is', () => {
  const { asked, client, other } = world();
  other.want(client, null);
  expect(asked).toEqual([]);
  other.want(client, SAME);
  other.want(client, SAME);
  expect(asked).toEqual(['compare']);
  other.want(client, { ...SAME, key: 'another' });
  other.want(client, null);
  expect(asked).toEqual(['compare', 'compare', 'uncompare']);
});

test('what differs is asked for when it is known, and is of what is wanted now', async () => {
  const view = { same: true } as CompareView;
  const { client, other } = world({ compared: view });
  other.want(client, SAME);
  const before = other.version;
  other.hear({ event: 'compared' });
  await settled();
  expect(other.view).toBe(view);
  expect(other.version).toBeGreaterThan(before);
  other.hear({ event: 'compared' });
  other.want(client, { ...SAME, key: 'another' });
  await settled();
  expect(other.view).toBeNull();
});

test('a failure is told, and can be tried again', async () => {
  const { asked, client, other, state } = world({ compare: new Failure({ name: 'denied', text: 'denied' }) });
  other.want(client, SAME);
  await settled();
  expect(other.error?.name).toBe('denied');
  expect(state.changes).toBe(1);
  other.again();
  expect(other.error).toBeNull();
  other.want(client, SAME);
  expect(asked).toEqual(['compare', 'compare']);
});

test('how much is read is what is read of all layers', () => {
  const { client, other } = world();
  other.want(client, SAME);
  expect(other.share).toBe(0);
  const layers = [{ number: 0, size: 60, state: 'verified' }, { number: 1, size: 40, state: 'verifying' }] as LayerView[];
  other.hear({ event: 'other', overview: { image: { layers } } as Overview });
  expect(other.share).toBeCloseTo(0.6);
  other.hear({ event: 'other-progress', layers: [[1, { read: 20, total: 40, unpacked: 0, entries: 0 }]] });
  expect(other.share).toBeCloseTo(0.8);
});
