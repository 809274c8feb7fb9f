import { expect, test } from 'vitest';
import { Failure } from '../client.ts';
import { Pool, type Hand, type Order } from '../engine/pool.ts';
import type { Progress, ScanEvent, ScanJob } from '../protocol.ts';

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
}

const MODULE = {} as WebAssembly.Module;
const JOB: ScanJob = { op: 'scan', plan: '{}' };
const progress = (read: number): Progress => ({ read, total: null, unpacked: 0, entries: 0 });

function pool(own = 1000): { pool: Pool; hands: FakeHand[] } {
  const hands: FakeHand[] = [];
  const made = new Pool(MODULE, () => hands[hands.push(new FakeHand()) - 1] as FakeHand, () => own);
  return { pool: made, hands };
}

test('a worker gets the module and one job, tells how far it is, and is ended when it is done', async () => {
  const { pool: made, hands } = pool();
  const told: number[] = [];
  const result = made.run(JOB, { progress: ({ read }) => void told.push(read) });
  const [hand] = hands as [FakeHand];
  expect(hand.order).toEqual({ module: MODULE, job: JOB });
  hand.say({ event: 'progress', progress: progress(5), memory: 10 });
  expect(hand.ended).toBe(false);
  const bytes = new ArrayBuffer(3);
  hand.say({ event: 'done', bytes, memory: 20 });
  expect(hand.ended).toBe(true);
  expect(await result).toBe(bytes);
  expect(told).toEqual([5]);
});

test('memory is the sum over all that live, and its peak is kept', async () => {
  const { pool: made, hands } = pool(1000);
  const jobs = [made.run(JOB), made.run(JOB)];
  const [first, second] = hands as [FakeHand, FakeHand];
  first.say({ event: 'progress', progress: progress(1), memory: 300 });
  second.say({ event: 'progress', progress: progress(1), memory: 500 });
  expect(made.note()).toEqual({ bytes: 1800, peak: 1800 });
  // What a worker holds at its end counts, although it is ended in the same moment.
  second.say({ event: 'done', bytes: new ArrayBuffer(0), memory: 700 });
  expect(made.note()).toEqual({ bytes: 1300, peak: 2000 });
  first.say({ event: 'done', bytes: new ArrayBuffer(0), memory: 300 });
  await Promise.all(jobs);
  expect(made.note()).toEqual({ bytes: 1000, peak: 2000 });
});

test('what a worker says of its failure is passed on', async () => {
  const { pool: made, hands } = pool();
  const result = made.run(JOB);
  hands[0]?.say({ event: 'failed', error: { name: 'driver', text: 'layer: gone', at: 'layer', found: 'gone' } });
  await expect(result).rejects.toMatchObject({ view: { name: 'driver', found: 'gone' } });
  expect(hands[0]?.ended).toBe(true);
});

test('a worker that breaks is a failure of its job alone', async () => {
  const { pool: made, hands } = pool();
  const broken = made.run(JOB);
  const other = made.run(JOB);
  hands[0]?.onerror?.({ message: 'unreachable', preventDefault() {} } as ErrorEvent);
  await expect(broken).rejects.toMatchObject({ view: { name: 'worker-crashed', text: 'the scan worker stopped: unreachable' } });
  hands[1]?.say({ event: 'done', bytes: new ArrayBuffer(1), memory: 1 });
  expect((await other).byteLength).toBe(1);
});

test('stopping ends all, and what comes late is not heard', async () => {
  const { pool: made, hands } = pool();
  const told: number[] = [];
  const jobs = [made.run(JOB, { progress: ({ read }) => void told.push(read) }), made.run(JOB)];
  const late = hands[0]?.onmessage;
  made.stop();
  expect(hands.map(({ ended }) => ended)).toEqual([true, true]);
  expect(hands[0]?.onmessage).toBeNull();
  expect(late).not.toBeNull();
  for (const job of jobs) {
    const error: unknown = await job.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).view.name).toBe('cancelled');
  }
  expect(told).toEqual([]);
  expect(made.note().bytes).toBe(1000);
});

test('one job is ended when its signal says so, and the others go on', async () => {
  const { pool: made, hands } = pool();
  const stop = new AbortController();
  const one = made.run({ ...JOB, op: 'digest' }, { signal: stop.signal });
  const other = made.run(JOB);
  stop.abort();
  await expect(one).rejects.toMatchObject({ view: { name: 'cancelled' } });
  expect(hands.map(({ ended }) => ended)).toEqual([true, false]);
  hands[1]?.say({ event: 'done', bytes: new ArrayBuffer(0), memory: 0 });
  await other;
  // What is over cannot be ended.
  expect(() => stop.abort()).not.toThrow();
});
