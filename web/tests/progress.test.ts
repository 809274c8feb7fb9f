import { describe, expect, test } from 'vitest';
import { Announcer, Meter, NO_WORK, workOf, type Work } from '../progress.ts';
import { layer } from './layers.ts';

const reading = (read: number, total: number): Work => ({ ...NO_WORK, read, total, running: [0] });

describe('the work on layers', () => {
  test('adds up what is read and what is known to come', () => {
    const work = workOf([
      layer(0, { state: 'verified', size: 100 }),
      layer(1, { state: 'verifying', size: 200, progress: { read: 50, total: 200, unpacked: 0, entries: 0 } }),
      layer(2, { state: 'pending', size: 300 }),
      layer(3, { state: 'mismatch', size: 10 }),
      layer(4, { state: 'failed', size: 40, progress: { read: 7, total: 40, unpacked: 0, entries: 0 } }),
      layer(5, { state: 'foreign', size: 1000 }),
      // Nothing of it is read.
      layer(6, { state: 'known', size: 1000 }),
    ]);
    expect(work).toEqual({ read: 167, total: 617, running: [1], waiting: 1, failed: [4], mismatched: [3], known: 1, verified: 1, held: 0 });
  });

  test('an unknown size makes the total unknown', () => {
    expect(workOf([layer(0, { state: 'pending', size: null, sizeStated: null })]).total).toBeNull();
  });

  test('after a stop nothing waits', () => {
    expect(workOf([layer(0, { state: 'pending' })], true).waiting).toBe(0);
    // Nor for a layer that nobody asked for, whose bytes are no part of the work.
    const held = workOf([layer(0, { state: 'pending', size: 50, onDemand: true }), layer(1, { state: 'pending', size: 7 })]);
    expect(held).toMatchObject({ waiting: 1, total: 7, held: 50 });
  });

  test('a layer that is longer than it says never passes the whole', () => {
    const work = workOf([layer(0, { state: 'verifying', size: 10, progress: { read: 25, total: 10, unpacked: 0, entries: 0 } })]);
    expect(work.total).toBe(25);
  });
});

describe('the meter', () => {
  test('tells rate, share and time left from the last seconds', () => {
    const meter = new Meter();
    // A slow start is forgotten after some seconds.
    meter.sample(0, reading(0, 1000));
    meter.sample(5000, reading(100, 1000));
    meter.sample(6000, reading(200, 1000));
    meter.sample(7000, reading(300, 1000));
    meter.sample(8500, reading(450, 1000));
    expect(meter.rate).toBeCloseTo(100);
    expect(meter.left).toBeCloseTo(5.5);
    expect(meter.share).toBeCloseTo(0.45);
    expect(meter.busy).toBe(true);
  });

  test('says nothing while it knows nothing', () => {
    const meter = new Meter();
    expect([meter.rate, meter.left, meter.share, meter.busy]).toEqual([null, null, null, false]);
    meter.sample(0, reading(10, 100));
    meter.sample(10, reading(20, 100));
    expect(meter.rate).toBeNull();
  });

  test('time stands still when the work is done, and starts anew with new work', () => {
    const meter = new Meter();
    meter.sample(1000, reading(0, 100));
    meter.sample(3100, { ...NO_WORK, read: 100, total: 100, verified: 1 });
    meter.sample(9000, { ...NO_WORK, read: 100, total: 100, verified: 1 });
    expect(meter.seconds).toBeCloseTo(2.1);
    expect(meter.busy).toBe(false);
    meter.sample(10_000, reading(0, 100));
    meter.sample(10_500, reading(50, 100));
    expect(meter.seconds).toBeCloseTo(0.5);
  });

  test('nothing to read is all of it', () => {
    const meter = new Meter();
    meter.sample(0, NO_WORK);
    expect(meter.share).toBe(1);
  });
});

describe('announcements', () => {
  test('start, each quarter once, end', () => {
    const announcer = new Announcer();
    const said = [0, 0.1, 0.26, 0.3, 0.8, 0.9].flatMap((share) => announcer.next({ ...NO_WORK, running: [0], waiting: 2 }, share));
    said.push(...announcer.next({ ...NO_WORK, verified: 3 }, 1), ...announcer.next({ ...NO_WORK, verified: 3 }, 1));
    expect(said).toEqual([
      { kind: 'started', layers: 3 }, { kind: 'quarter', percent: 25 }, { kind: 'quarter', percent: 75 }, { kind: 'ended', verified: 3, known: 0, failed: 0, mismatched: 0 },
    ]);
  });

  test('a mismatch at once, and once', () => {
    const announcer = new Announcer();
    announcer.next({ ...NO_WORK, running: [0, 1] }, 0);
    expect(announcer.next({ ...NO_WORK, running: [0], mismatched: [1] }, 0.1)).toEqual([{ kind: 'mismatch', layer: 1 }]);
    expect(announcer.next({ ...NO_WORK, running: [0], mismatched: [1] }, 0.2)).toEqual([]);
  });

  test('a retry is told from the start', () => {
    const announcer = new Announcer();
    announcer.next({ ...NO_WORK, running: [0] }, 0);
    announcer.next({ ...NO_WORK, failed: [0] }, 1);
    expect(announcer.next({ ...NO_WORK, running: [0] }, 0.5).map(({ kind }) => kind)).toEqual(['started', 'quarter']);
  });
});
