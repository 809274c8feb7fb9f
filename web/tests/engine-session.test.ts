import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Kept } from '../engine/cache.ts';
import type { Core } from '../engine/core.ts';
import { Pool, type Hand, type Order } from '../engine/pool.ts';
import { Session } from '../engine/session.ts';
import type { Event as SessionEvent, LayerState, ScanEvent } from '../protocol.ts';

class FakeHand implements Hand {
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  ended = false;
  order: Order | null = null;
  postMessage(order: Order): void {
    this.order = order;
  }
  terminate(): void {
    this.ended = true;
  }
  say(event: ScanEvent): void {
    this.onmessage?.({ data: event } as MessageEvent);
  }
  done(): void {
    this.say({ event: 'done', bytes: new ArrayBuffer(8), memory: 1 });
  }
}

/** A core that reads layers in order and tells in `calls` what it was asked. */
class FakeCore {
  calls: string[] = [];
  states: LayerState[] = ['pending', 'pending', 'pending'];
  stopped = false;
  chosen = 0;
  resolved = false;
  resolving: (() => void)[] = [];
  refuses: unknown = null;
  wrapped = false;
  /** Layers that were looked for among the known ones. */
  lookedUp = new Set<number>();
  previewed = new Set<number>();
  read = 0;
  /** Under which name a layer may be known. */
  names = false;
  /** Layers that are not read unasked, and those of them whose files a table told. */
  held = new Set<number>();
  listed = new Set<number>();
  searching = false;
  #scan = 0;
  #reread = new Set<number>();
  #running = new Map<number, number>();

  open(): number {
    this.calls.push('open');
    return 7;
  }
  close(): void {
    this.calls.push('close');
  }
  async resolve(_: number, readThrough: () => Promise<ArrayBuffer>): Promise<void> {
    this.calls.push('resolve');
    if (this.wrapped) this.calls.push(`wrapped ${(await readThrough()).byteLength}`);
    await new Promise<void>((go) => this.resolving.push(go));
    if (this.searching) this.listed = new Set(this.held);
    this.searching = false;
    if (this.refuses !== null) throw this.refuses;
    this.resolved = true;
  }
  next_scan(): string | undefined {
    const layer = this.stopped || !this.resolved ? -1 : this.states.findIndex((state, number) => state === 'pending' && !(this.held.has(number) && this.lookedUp.has(number)));
    if (layer < 0) return undefined;
    const id = this.#scan++;
    this.#running.set(id, layer);
    this.states[layer] = 'verifying';
    const known = this.names && !this.#reread.has(layer) ? `layer-${layer}` : null;
    const unasked = this.held.has(layer);
    this.lookedUp.add(layer);
    return JSON.stringify({ op: 'scan', id, known, unasked, place: { range: { offset: layer, len: 1 } } });
  }
  progress(_: number, id: number, read: number): void {
    this.read = read;
    this.calls.push(`progress ${id} ${read}`);
  }
  scanned(_: number, id: number): string | undefined {
    this.calls.push(`scanned ${id}`);
    const layer = this.#running.get(id) ?? 0;
    this.states[layer] = 'verified';
    return this.names ? `layer-${layer}` : undefined;
  }
  /** What is kept of a layer is its number. */
  known(_: number, id: number, bytes: Uint8Array): boolean {
    const layer = this.#running.get(id) ?? -1;
    if (bytes[0] !== layer) return false;
    this.states[layer] = 'known';
    return true;
  }
  unknown(_: number, id: number): void {
    this.states[this.#running.get(id) ?? 0] = 'pending';
  }
  preview(_: number, id: number): void {
    this.previewed.add(this.#running.get(id) ?? 0);
  }
  scan_failed(_: number, id: number, text: string): void {
    this.calls.push(`failed ${id} ${text}`);
    this.states[this.#running.get(id) ?? 0] = 'failed';
  }
  choose(_: number, choice: number): void {
    this.calls.push(`choose ${choice}`);
    this.chosen = choice;
    this.states = ['pending', 'pending', 'pending'];
  }
  search_tables(): boolean {
    return (this.searching = this.held.size > 0 && this.listed.size === 0);
  }
  retry(_: number, layer: number): void {
    this.held.delete(layer);
    this.stopped = false;
    this.#reread.add(layer);
    this.states[layer] = 'pending';
  }
  stop(): void {
    this.stopped = true;
    this.states = this.states.map((state) => (state === 'verifying' ? 'pending' : state));
  }
  /** Its tree has one row for each layer that was read: `/0`, `/1`, … numbered from the newest. */
  get #tree(): string[] {
    return this.states.flatMap((state, layer) => (state === 'verified' || this.previewed.has(layer) ? [`/${layer}`] : [])).reverse();
  }
  rows(): unknown {
    return { total: 1, from: 0, incomplete: false, searching: false, rows: this.#tree.map((path, node) => ({ node, path })) };
  }
  node_at(_: number, __: object, path: string): number | undefined {
    const node = this.#tree.indexOf(path);
    return node < 0 ? undefined : node;
  }
  details(_: number, __: object, node: number): unknown {
    const path = this.#tree[node];
    return path === undefined ? null : { node, path, row: { node, path }, links: [] };
  }
  view(_: number, what: string): string | undefined {
    if (what === 'progress') return JSON.stringify(this.states.flatMap((state, number) => (state === 'verifying' ? [[number, { read: this.read, total: null, unpacked: 0, entries: 0 }]] : [])));
    if (what !== 'inspect' || !this.resolved) return undefined;
    return JSON.stringify({ chosen: this.chosen, image: { layers: this.states.map((state, number) => ({ number, state, preview: (state === 'verifying' && this.previewed.has(number)) || (this.listed.has(number) && state !== 'verified') })) } });
  }
}

/** Layers by their names. */
class FakeCache implements Kept {
  kept = new Map<string, Uint8Array>();
  async get(name: string): Promise<ArrayBuffer | null> {
    return this.kept.get(name)?.slice().buffer ?? null;
  }
  async put(name: string, bytes: ArrayBuffer): Promise<void> {
    this.kept.set(name, new Uint8Array(bytes));
  }
  async remove(name: string): Promise<void> {
    this.kept.delete(name);
  }
}

const core = (fake: FakeCore): Core => fake as unknown as Core;

function session(fake: FakeCore, hands = 2, cache: Kept = new FakeCache()): { session: Session; workers: FakeHand[]; told: SessionEvent[]; states: () => string[] } {
  const workers: FakeHand[] = [];
  const told: SessionEvent[] = [];
  const pool = new Pool({} as WebAssembly.Module, () => workers[workers.push(new FakeHand()) - 1] as FakeHand, () => 100);
  const made = new Session({ core: core(fake), pool, cache, hands, origin: 'http://x', emit: (event) => told.push(event) });
  const states = (): string[] => {
    const last = told.findLast((event) => event.event === 'overview');
    return last?.event === 'overview' ? (last.overview.image?.layers ?? []).map(({ state }) => state) : [];
  };
  return { session: made, workers, told, states };
}

const SOURCE = { kind: 'file', file: new File(['12345'], 'a.tar') } as const;

/** The workers that have a job. */
const given = (workers: FakeHand[]): FakeHand[] => workers.filter(({ order }) => order !== null);

/** Lets everything happen that waits for nothing but its turn. */
const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => {});
/** Lets as much time pass as the first layer is read alone. */
const begin = (): Promise<void> => vi.advanceTimersByTimeAsync(1500).then(() => {});
const later = (): Promise<void> => vi.advanceTimersByTimeAsync(200).then(() => {});

async function opened(fake: FakeCore, hands = 2, cache: Kept = new FakeCache()): Promise<ReturnType<typeof session>> {
  const made = session(fake, hands, cache);
  const begun = made.session.begin(SOURCE, {});
  await settle();
  fake.resolving.shift()?.();
  await begun;
  await begin();
  return made;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('as many layers are read at one time as there are hands, and the page is told at once', async () => {
  const fake = new FakeCore();
  const { workers, told, states } = await opened(fake);
  expect(workers).toHaveLength(2);
  expect(workers[0]?.order?.job).toMatchObject({ op: 'scan', blob: SOURCE.file });
  expect(states()).toEqual(['verifying', 'verifying', 'pending']);
  workers[1]?.done();
  await settle();
  expect(workers).toHaveLength(3);
  await later();
  expect(states()).toEqual(['verifying', 'verified', 'verifying']);
  expect(told.filter(({ event }) => event === 'trees')).toEqual([{ event: 'trees', layer: 1 }]);
});

test('the first layer is read alone until its files are known, its bytes come, or some time has passed', async () => {
  const query = { scope: { scope: 'merged' }, sort: 'name', ghosts: true, changedOnly: false, filter: '' } as const;
  for (const sign of ['preview', 'progress', 'time'] as const) {
    const fake = new FakeCore();
    const { session: made, workers, told } = session(fake);
    const begun = made.begin(SOURCE, {});
    await settle();
    fake.resolving.shift()?.();
    await begun;
    await later();
    workers[0]?.say({ event: 'progress', progress: { read: 0, total: null, unpacked: 0, entries: 0 }, memory: 1 });
    expect(given(workers)).toHaveLength(1);
    if (sign === 'preview') {
      workers[0]?.say({ event: 'preview', bytes: new ArrayBuffer(8) });
      expect(told).toContainEqual({ event: 'trees', layer: 0 });
      expect(made.rows(query, 0, 10).rows.map(({ path }) => path)).toEqual(['/0']);
    }
    if (sign === 'progress') workers[0]?.say({ event: 'progress', progress: { read: 1, total: null, unpacked: 0, entries: 0 }, memory: 1 });
    if (sign === 'time') await vi.advanceTimersByTimeAsync(1300);
    expect(given(workers)).toHaveLength(2);
    made.close();
    expect(workers.every(({ ended }) => ended)).toBe(true);
  }
});

test('progress comes at most five times a second, without overviews, and the last change is told', async () => {
  const fake = new FakeCore();
  const { workers, told, states } = await opened(fake, 3);
  const before = told.length;
  for (let read = 1; read <= 100; read += 1) {
    workers[0]?.say({ event: 'progress', progress: { read, total: null, unpacked: 0, entries: 0 }, memory: 1 });
    await vi.advanceTimersByTimeAsync(10);
  }
  const during = told.slice(before);
  expect(during.length).toBeGreaterThan(3);
  expect(during.length).toBeLessThanOrEqual(6);
  for (const event of during) expect(event).toMatchObject({ event: 'progress', layers: [[0, { read: expect.any(Number) }], [1, {}], [2, {}]] });
  for (const worker of workers) worker.done();
  await later();
  expect(states()).toEqual(['verified', 'verified', 'verified']);
  const calm = told.length;
  await vi.advanceTimersByTimeAsync(5000);
  expect(told).toHaveLength(calm);
});

test('a worker that breaks fails its layer, and the others go on', async () => {
  const fake = new FakeCore();
  const { workers, states } = await opened(fake, 1);
  workers[0]?.onerror?.({ message: 'unreachable' } as ErrorEvent);
  await settle();
  workers[1]?.done();
  await settle();
  workers[2]?.say({ event: 'failed', error: { name: 'driver', text: 'layer: the file ends', found: 'the file ends' } });
  await later();
  expect(states()).toEqual(['failed', 'verified', 'failed']);
  expect(fake.calls).toContain('failed 0 the scan worker stopped: unreachable');
  expect(fake.calls).toContain('failed 2 the file ends');
});

test('cancel ends the workers and keeps what is known; retry goes on', async () => {
  const fake = new FakeCore();
  const { session: made, workers, states } = await opened(fake);
  workers[0]?.done();
  await settle();
  made.cancel();
  expect(workers.every(({ ended }) => ended)).toBe(true);
  expect(states()).toEqual(['verified', 'pending', 'pending']);
  await later();
  expect(workers).toHaveLength(3);
  made.retry(1);
  expect(workers).toHaveLength(5);
  expect(states()).toEqual(['verified', 'verifying', 'verifying']);
});

test('what comes of an abandoned scan is no news', async () => {
  const fake = new FakeCore();
  const { session: made, workers } = await opened(fake);
  const late = workers[0]?.onmessage;
  made.cancel();
  late?.({ data: { event: 'done', bytes: new ArrayBuffer(8), memory: 1 } } as MessageEvent);
  await later();
  expect(fake.calls.filter((call) => call.startsWith('scanned') || call.startsWith('failed'))).toEqual([]);
});

test('a choice abandons the scans of the image before it', async () => {
  const fake = new FakeCore();
  const { session: made, workers, told } = await opened(fake);
  workers[0]?.done();
  await later();
  const before = told.length;
  const chosen = made.choose(1);
  await settle();
  expect(workers.every(({ ended }) => ended)).toBe(true);
  fake.resolving.shift()?.();
  await chosen;
  expect(fake.calls).toContain('choose 1');
  expect(told.slice(before).findLast(({ event }) => event === 'overview')).toMatchObject({ overview: { chosen: 1 } });
  // Nothing of the other image has been read yet.
  expect(told.slice(before).filter(({ event }) => event === 'trees')).toEqual([]);
});

test('the core answers one set of questions at a time, and the last choice wins', async () => {
  const fake = new FakeCore();
  const { session: made } = await opened(fake);
  const first = made.choose(1);
  await settle();
  const second = made.choose(2);
  const third = made.choose(3);
  await settle();
  expect(fake.calls.filter((call) => call.startsWith('choose'))).toEqual(['choose 1']);
  fake.resolving.shift()?.();
  await first;
  await settle();
  expect(fake.calls.filter((call) => call.startsWith('choose'))).toEqual(['choose 1', 'choose 3']);
  fake.resolving.shift()?.();
  await Promise.all([second, third]);
  expect(fake.chosen).toBe(3);
});

test('a choice that fails says why, and the image before it goes on', async () => {
  const fake = new FakeCore();
  const { session: made, workers } = await opened(fake);
  fake.refuses = { name: 'not-found', text: 'no such manifest' };
  const choice = made.choose(1);
  const refused = expect(choice).rejects.toMatchObject({ view: { name: 'not-found' } });
  await settle();
  fake.resolving.shift()?.();
  await refused;
  await begin();
  expect(workers.filter(({ ended }) => !ended)).toHaveLength(2);
});

test('what cannot be opened says why, and nothing is read', async () => {
  const fake = new FakeCore();
  const { session: made, workers, told } = session(fake);
  fake.refuses = { name: 'not-an-archive', text: 'not an archive' };
  const begun = made.begin(SOURCE, {});
  const refused = expect(begun).rejects.toMatchObject({ view: { name: 'not-an-archive' } });
  await settle();
  fake.resolving.shift()?.();
  await refused;
  expect(given(workers)).toEqual([]);
  expect(told).toEqual([]);
});

test('a wrapped archive is read through by one worker, which tells how far it is', async () => {
  const fake = new FakeCore();
  fake.wrapped = true;
  const { session: made, workers, told } = session(fake);
  const begun = made.begin(SOURCE, {});
  await settle();
  expect(workers).toHaveLength(1);
  expect(workers[0]?.order?.job).toEqual({ op: 'read-through', plan: '{"op":"read-through","size":5}', blob: SOURCE.file });
  const progress = { read: 3, total: null, unpacked: 9, entries: 1 };
  workers[0]?.say({ event: 'progress', progress, memory: 5 });
  expect(told).toEqual([{ event: 'opening', progress }]);
  workers[0]?.done();
  await settle();
  fake.resolving.shift()?.();
  await begun;
  expect(fake.calls).toContain('wrapped 8');
});

test('after it is closed a session asks and tells nothing', async () => {
  const fake = new FakeCore();
  const { session: made, workers, told } = await opened(fake);
  workers[0]?.say({ event: 'progress', progress: { read: 1, total: null, unpacked: 0, entries: 0 }, memory: 1 });
  made.close();
  const before = told.length;
  await later();
  expect(told).toHaveLength(before);
  expect(workers.every(({ ended }) => ended)).toBe(true);
  expect(fake.calls.at(-1)).toBe('close');
  expect(() => made.waste()).toThrow('nothing is open');
});

test('a source that was closed while it was opened says so', async () => {
  const fake = new FakeCore();
  const { session: made, told } = session(fake);
  const begun = made.begin(SOURCE, {});
  const refused = expect(begun).rejects.toMatchObject({ view: { name: 'closed' } });
  await settle();
  made.close();
  fake.resolving.shift()?.();
  await refused;
  expect(told).toEqual([]);
});

test('what a file of the source lacks fails that layer alone', async () => {
  const fake = new FakeCore();
  const made = session(fake);
  const begun = made.session.begin({ kind: 'directory', name: 'd', files: [] }, {});
  await settle();
  fake.resolving.shift()?.();
  await begun;
  await begin();
  await later();
  expect(given(made.workers)).toEqual([]);
  expect(made.states()).toEqual(['failed', 'failed', 'failed']);
});

test('a row that was drawn before another layer arrived still stands for its own file', async () => {
  const fake = new FakeCore();
  const { session: made, workers } = await opened(fake, 3);
  const query = { scope: { scope: 'merged' }, sort: 'name', ghosts: true, changedOnly: false, filter: '' } as const;
  workers[0]?.done();
  await settle();
  const [drawn] = made.rows(query, 0, 10).rows;
  expect(drawn?.path).toBe('/0');
  expect(made.details(query.scope, drawn?.node ?? -1).path).toBe('/0');
  workers[1]?.done();
  await settle();
  // In the new tree another node has its number.
  const now = made.rows(query, 0, 10).rows;
  expect(now.map(({ path }) => path)).toEqual(['/1', '/0']);
  expect(now[0]?.node).not.toBe(drawn?.node);
  expect(made.details(query.scope, drawn?.node ?? -1)).toMatchObject({ path: '/0', node: now[1]?.node });
  // What is gone is gone, and nothing takes its place.
  made.retry(0);
  expect(() => made.details(query.scope, drawn?.node ?? -1)).toThrow('no longer there');
});

test('a layer that is known is not read, and one that was read is kept', async () => {
  const fake = new FakeCore();
  fake.names = true;
  const cache = new FakeCache();
  cache.kept.set('layer-1', new Uint8Array([1]));
  const { workers, states, told } = await opened(fake, 3, cache);
  await later();
  expect(given(workers)).toHaveLength(2);
  expect(states()).toEqual(['verifying', 'known', 'verifying']);
  expect(told.filter(({ event }) => event === 'trees')).toEqual([{ event: 'trees', layer: 1 }]);
  for (const worker of given(workers)) worker.done();
  await later();
  expect(states()).toEqual(['verified', 'known', 'verified']);
  expect([...cache.kept.keys()].sort()).toEqual(['layer-0', 'layer-1', 'layer-2']);
});

test('a layer that nobody asked for is known or left alone', async () => {
  const fake = new FakeCore();
  fake.names = true;
  for (const layer of [0, 1, 2]) fake.held.add(layer);
  const cache = new FakeCache();
  cache.kept.set('layer-0', new Uint8Array([9]));
  cache.kept.set('layer-1', new Uint8Array([1]));
  const { session: made, workers, states } = await opened(fake, 3, cache);
  await later();
  expect(given(workers)).toEqual([]);
  expect(states()).toEqual(['pending', 'known', 'pending']);
  fake.held.delete(2);
  made.retry(2);
  await later();
  expect(given(workers)).toHaveLength(1);
  expect(states()).toEqual(['pending', 'known', 'verifying']);
});

test('what was kept and is of no use goes, and the layer is read', async () => {
  const fake = new FakeCore();
  fake.names = true;
  const cache = new FakeCache();
  cache.kept.set('layer-0', new Uint8Array([9]));
  const { workers, states } = await opened(fake, 1, cache);
  await later();
  expect(given(workers)).toHaveLength(1);
  expect(states()[0]).toBe('verifying');
  expect(cache.kept.size).toBe(0);
});

test('what is only known is read when somebody asks for it', async () => {
  const fake = new FakeCore();
  fake.names = true;
  const cache = new FakeCache();
  for (const layer of [0, 1, 2]) cache.kept.set(`layer-${layer}`, new Uint8Array([layer]));
  const { session: made, workers, states } = await opened(fake, 3, cache);
  await later();
  expect(given(workers)).toEqual([]);
  expect(states()).toEqual(['known', 'known', 'known']);
  for (const layer of [0, 1, 2]) made.retry(layer);
  expect(given(workers)).toHaveLength(3);
  for (const worker of given(workers)) worker.done();
  await later();
  expect(states()).toEqual(['verified', 'verified', 'verified']);
});

test('what comes from the cache after the work was given up is no news', async () => {
  const fake = new FakeCore();
  fake.names = true;
  let give: (bytes: ArrayBuffer) => void = () => {};
  const slow = new FakeCache();
  slow.get = () => new Promise((resolve) => (give = resolve));
  const { session: made, workers, states } = await opened(fake, 1, slow);
  made.cancel();
  give(new Uint8Array([0]).buffer);
  await later();
  expect(states()).toEqual(['pending', 'pending', 'pending']);
  expect(given(workers)).toEqual([]);
});

test('layers that nobody asked for are listed by their tables, and read when somebody asks', async () => {
  const fake = new FakeCore();
  fake.held = new Set([1]);
  const { session: made, workers, told, states } = await opened(fake, 3);
  const trees = (): number[] => told.flatMap((event) => (event.event === 'trees' ? [event.layer] : []));
  expect(states()).toEqual(['verifying', 'pending', 'verifying']);
  expect(trees()).toEqual([]);
  fake.resolving.shift()?.();
  await later();
  expect(trees()).toEqual([1]);
  expect(given(workers).length).toBe(2);
  made.retry(1);
  await later();
  expect(given(workers).length).toBe(3);
  given(workers)[2]?.done();
  await later();
  expect(trees()).toEqual([1, 1]);
  expect(states()).toEqual(['verifying', 'verified', 'verifying']);
  made.close();
});
