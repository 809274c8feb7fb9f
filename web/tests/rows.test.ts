import { describe, expect, test, vi } from 'vitest';
import { Failure, type Client } from '../client.ts';
import type { ErrorView, RowPage, RowQuery, RowView } from '../protocol.ts';
import { PAGE } from '../pages.ts';
import { Rows } from '../rows.ts';

const QUERY: RowQuery = { scope: { scope: 'merged' }, sort: 'name', ghosts: true, changedOnly: false, filter: '' };
const row = (node: number, more: Partial<RowView> = {}): RowView => ({
  node, name: `n${node}`, path: `/n${node}`, level: 1, posInSet: 1, setSize: 1, expanded: null, kind: 'file', size: node, mode: 0, uid: 0, gid: 0, change: 'unchanged', attributes: [], layer: 0,
  deletedBy: null, link: null, synthetic: false, changedBelow: false, ...more,
});

/** A worker whose answers come when the test says so. */
class Worker {
  readonly asked: { from: number; answer: (page: RowPage) => void; refuse: (view: ErrorView) => void }[] = [];
  readonly client = {
    request: (_op: string, { from }: { from: number }) => new Promise<RowPage>((answer, reject) => this.asked.push({ from, answer, refuse: (view) => reject(new Failure(view)) })),
  } as unknown as Client;

  async answer(total: number, offset = 0): Promise<void> {
    const next = this.asked.shift();
    next?.answer({ total, from: next.from, incomplete: false, preview: false, searching: false, rows: Array.from({ length: Math.min(PAGE, Math.max(0, total - next.from)) }, (_, index) => row(next.from + index + offset)) });
    await Promise.resolve();
    await Promise.resolve();
  }
}

describe('rows', () => {
  test('are asked for by pages, once', async () => {
    const worker = new Worker();
    const changed = vi.fn();
    const rows = new Rows(changed);
    rows.look(worker.client, QUERY);
    rows.want(0, PAGE + 3);
    rows.want(5, PAGE + 3);
    expect(worker.asked.map(({ from }) => from)).toEqual([0, PAGE]);
    await worker.answer(1000);
    await worker.answer(1000);
    expect(changed).toHaveBeenCalledTimes(2);
    expect([rows.total, rows.known, rows.at(0)?.node, rows.at(PAGE + 3)?.node, rows.at(500)]).toEqual([1000, true, 0, PAGE + 3, undefined]);
    rows.want(0, PAGE + 3);
    expect(worker.asked).toEqual([]);
    expect(rows.find(PAGE + 1)).toBe(PAGE + 1);
    expect(rows.find(5000)).toBeNull();
  });

  test('are not asked for again because there are none', async () => {
    const worker = new Worker();
    const rows: Rows = new Rows(() => rows.want(0, 10));
    rows.look(worker.client, QUERY);
    rows.want(0, 10);
    await worker.answer(0);
    expect([rows.known, rows.total, worker.asked]).toEqual([true, 0, []]);
  });

  test('stay on screen until their successors are there', async () => {
    const worker = new Worker();
    const rows = new Rows(() => undefined);
    rows.look(worker.client, QUERY);
    rows.want(0, 10);
    await worker.answer(50);
    rows.look(worker.client, { ...QUERY, filter: 'x' });
    expect(rows.at(3)?.node).toBe(3);
    rows.want(0, 10);
    await worker.answer(40, 100);
    expect([rows.at(3)?.node, rows.total]).toEqual([103, 40]);
  });

  test('of another scope do not', async () => {
    const worker = new Worker();
    const rows = new Rows(() => undefined);
    rows.look(worker.client, QUERY);
    rows.want(0, 10);
    await worker.answer(50);
    rows.look(worker.client, { ...QUERY, scope: { scope: 'layer', layer: 1 } });
    expect([rows.at(3), rows.known, rows.total]).toEqual([undefined, false, 0]);
  });

  test('that answer an older question are thrown away', async () => {
    const worker = new Worker();
    const rows = new Rows(() => undefined);
    rows.look(worker.client, QUERY);
    rows.want(0, 10);
    rows.look(worker.client, { ...QUERY, sort: 'size' });
    rows.want(0, 10);
    await worker.answer(7, 900);
    expect(rows.known).toBe(false);
    await worker.answer(8, 100);
    expect([rows.total, rows.at(0)?.node]).toEqual([8, 100]);
  });

  test('beyond a tree that has shrunk are let go of', async () => {
    const worker = new Worker();
    const rows = new Rows(() => undefined);
    rows.look(worker.client, QUERY);
    rows.want(0, PAGE);
    await worker.answer(PAGE + 5);
    await worker.answer(PAGE + 5);
    rows.look(worker.client, QUERY);
    rows.want(0, 10);
    await worker.answer(6);
    expect([rows.total, rows.at(PAGE)]).toEqual([6, undefined]);
  });

  test('of a session that ended come to nothing', async () => {
    const worker = new Worker();
    const rows = new Rows(() => undefined);
    rows.look(worker.client, QUERY);
    rows.want(0, 1);
    worker.asked.shift()?.refuse({ name: 'closed', text: '' });
    await vi.waitFor(() => expect(worker.asked).toEqual([]));
    expect([rows.known, rows.error]).toEqual([false, null]);
  });

  test('of a pattern that cannot be understood are none, and say why, until the next question', async () => {
    const worker = new Worker();
    const changed = vi.fn();
    const rows = new Rows(changed);
    rows.look(worker.client, { ...QUERY, filter: '/(/' });
    rows.want(0, 1);
    worker.asked.shift()?.refuse({ name: 'pattern', text: 'unclosed group' });
    await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
    expect([rows.total, rows.error?.name]).toEqual([0, 'pattern']);
    rows.look(worker.client, QUERY);
    expect(rows.error).toBeNull();
    rows.want(0, 1);
    await worker.answer(3);
    expect([rows.total, rows.error]).toEqual([3, null]);
  });

  test('know the directories around them', async () => {
    const levels = [[1, 900], [2, 500], [3, 10], [3, 490], [2, 400], [1, 7]] as const;
    const client = { request: () => Promise.resolve({ total: 6, from: 0, incomplete: false, searching: false, rows: levels.map(([level, size], node) => row(node, { level, size })) }) } as unknown as Client;
    const rows = new Rows(() => undefined);
    rows.look(client, QUERY);
    rows.want(0, 6);
    await vi.waitFor(() => expect(rows.known).toBe(true));
    expect(rows.around(3)).toEqual([undefined, 900, 500]);
    expect(rows.around(4)).toEqual([undefined, 900]);
    expect(rows.around(0)).toEqual([]);
    expect(rows.topSize).toBe(907);
  });
});
