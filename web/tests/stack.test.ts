import { describe, expect, test } from 'vitest';
import type { StepView } from '../protocol.ts';
import { arrange, madeAt, measure, weight } from '../stack.ts';
import { layer } from './layers.ts';

const step = (number: number | null): StepView => ({ layer: number, instruction: { keyword: 'RUN', text: 'x', full: 'RUN x' }, created: null, author: null, comment: null });
const order = (layers: number, steps: (number | null)[]): string[] =>
  arrange(Array.from({ length: layers }, (_, number) => layer(number)), steps.map(step)).map((item) => (item.kind === 'layer' ? String(item.layer.number) : 'step'));

describe('the order of the stack, newest first', () => {
  test('steps stand between the layers', () => expect(order(3, [0, null, 1, 2, null])).toEqual(['step', '2', '1', 'step', '0']));
  test('without a history there are layers only', () => expect(order(2, [])).toEqual(['1', '0']));
  test('a history that is too short loses no layer', () => expect(order(3, [0])).toEqual(['2', '1', '0']));
  test('a layer that is skipped keeps its place', () => expect(order(3, [0, 2])).toEqual(['2', '1', '0']));
  test('a history that is too long draws nothing that is not there', () => expect(order(1, [0, 1, 2])).toEqual(['0']));
  test('steps alone are steps', () => expect(order(0, [null, null])).toEqual(['step', 'step']));
});

describe('sizes', () => {
  const layers = [layer(0, { size: 50, uncompressedSize: 100 }), layer(1, { size: 10, uncompressedSize: 200 }), layer(2, { size: 100 })];
  test('are measured against the largest', () => expect(measure(layers[0]!, layers)).toEqual({ unpacked: 50, compressed: 25, share: 0.25 }));
  test('fall back on what is known', () => {
    expect(weight(layers[2]!)).toBe(100);
    expect(weight(layer(0, { size: null, progress: { read: 1, total: null, unpacked: 77, entries: 0 } }))).toBe(77);
    expect(measure(layer(0, { size: null }), [])).toEqual({ unpacked: 0, compressed: 0, share: 0 });
  });
});

test('times of one day are told by the clock, others by the day', () => {
  const first = layer(0, { created: '2026-11-21T06:16:01Z' });
  expect(madeAt(first.created, [first, layer(1, { created: '2026-11-21T09:00:00Z' })])).toBe('06:16:01');
  expect(madeAt(first.created, [first, layer(1, { created: '2026-11-22T09:00:00Z' })])).toBe('Nov 21, 2026');
  expect(madeAt(null, [])).toBeNull();
  expect(madeAt('rubbish', [first])).toBeNull();
});
