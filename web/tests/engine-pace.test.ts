import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pace } from '../engine/pace.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function paced(): { pace: Pace; told: number[] } {
  const told: number[] = [];
  const pace = new Pace(() => told.push(Date.now()), 100, () => Date.now());
  vi.setSystemTime(0);
  return { pace, told };
}

test('the first change is told at once, those after it together', () => {
  const { pace, told } = paced();
  for (let at = 0; at < 250; at += 10) {
    pace.changed();
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([0, 100, 200, 300]);
});

test('the last change is told even when nothing follows', () => {
  const { pace, told } = paced();
  pace.changed();
  vi.advanceTimersByTime(1);
  pace.changed();
  vi.advanceTimersByTime(99);
  expect(told).toEqual([0, 100]);
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([0, 100]);
});

test('after a rest the next change is told at once again', () => {
  const { pace, told } = paced();
  pace.changed();
  vi.advanceTimersByTime(5000);
  pace.changed();
  expect(told).toEqual([0, 5000]);
});

test('a flush takes what waits with it', () => {
  const { pace, told } = paced();
  pace.changed();
  pace.changed();
  vi.advanceTimersByTime(30);
  pace.flush();
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([0, 30]);
});

test('what was stopped is not told', () => {
  const { pace, told } = paced();
  pace.changed();
  pace.changed();
  pace.stop();
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([0]);
});
