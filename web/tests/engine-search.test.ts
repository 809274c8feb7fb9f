import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Search } from '../engine/search.ts';
import type { RowQuery } from '../protocol.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const query = (filter: string): RowQuery => ({ scope: { scope: 'merged' }, sort: 'name', ghosts: true, changedOnly: false, filter });

const never = (): boolean => false;

/** A tree of so many entries; a step takes 5 ms. */
function searching(entries: number): { search: Search; looked: Map<string, number>; found: () => number } {
  const looked = new Map<string, number>();
  let found = 0;
  vi.setSystemTime(0);
  const step = ({ filter }: RowQuery, steps: number): boolean => {
    vi.setSystemTime(Date.now() + 5);
    looked.set(filter, (looked.get(filter) ?? 0) + steps);
    return (looked.get(filter) ?? 0) < entries;
  };
  const search = new Search(step, () => (found += 1), () => Date.now());
  return { search, looked, found: () => found };
}

test('a small tree is searched at once, and nothing is told later', () => {
  const { search, looked, found } = searching(3000);
  search.begin(query('a'), never);
  expect(looked.get('a')).toBe(3000);
  vi.runAllTimers();
  expect([looked.get('a'), found()]).toEqual([3000, 0]);
});

test('of a large one the first answer is given soon, and the rest is told of now and then', () => {
  const { search, looked, found } = searching(200_000);
  search.begin(query('a'), never);
  expect(looked.get('a')).toBe(5000);
  // Rows that are asked for in between do not begin it anew.
  search.begin(query('a'), never);
  expect(looked.get('a')).toBe(5000);
  vi.runAllTimers();
  expect(looked.get('a')).toBe(200_000);
  // A second's work: told of four times, and at its end.
  expect(found()).toBeGreaterThan(3);
  expect(found()).toBeLessThan(6);
});

test('another filter ends the search for the one before, and no filter is no search', () => {
  const { search, looked } = searching(50_000);
  search.begin(query('a'), never);
  search.begin(query('b'), never);
  search.begin(query(''), never);
  vi.runAllTimers();
  expect([looked.get('a'), looked.get('b'), looked.get('')]).toEqual([5000, 50_000, undefined]);
});

test('a search that is stopped stays so', () => {
  const { search, looked, found } = searching(50_000);
  search.begin(query('a'), never);
  search.stop();
  vi.runAllTimers();
  expect([looked.get('a'), found()]).toEqual([5000, 0]);
});

test('rows that fill the first page are shown before the rest is looked for', () => {
  const { search, looked } = searching(50_000);
  search.begin(query('a'), () => (looked.get('a') ?? 0) >= 2000);
  expect(looked.get('a')).toBe(2000);
  vi.runAllTimers();
  expect(looked.get('a')).toBe(50_000);
});
