import { expect, test } from 'vitest';
import { Nodes } from '../engine/nodes.ts';
import type { RowView, Scope } from '../protocol.ts';

const MERGED: Scope = { scope: 'merged' };
const row = (node: number, path: string): RowView => ({ node, path }) as RowView;
const never = (): never => {
  throw new Error('nothing is to be looked for');
};

test('as long as the trees stay, numbers are those of the core', () => {
  const nodes = new Nodes();
  for (let age = 0; age < 3; age += 1) {
    for (const node of [0, 1, 4_294_967_295]) expect(nodes.node(MERGED, nodes.row(MERGED, row(node, `/${node}`)).node, never)).toBe(node);
    expect(nodes.node(MERGED, nodes.number(7), never)).toBe(7);
    nodes.renew();
  }
});

test('a number of an earlier tree is never one of the present tree', () => {
  const nodes = new Nodes();
  const before = nodes.row(MERGED, row(5, '/a')).node;
  nodes.renew();
  expect(nodes.row(MERGED, row(5, '/b')).node).not.toBe(before);
  expect(nodes.node(MERGED, before, (path) => (path === '/a' ? 9 : undefined))).toBe(9);
});

test('what is not there any more is an error that names it', () => {
  const nodes = new Nodes();
  const before = nodes.row(MERGED, row(5, '/a')).node;
  nodes.renew();
  expect(() => nodes.node(MERGED, before, () => undefined)).toThrow(expect.objectContaining({ view: expect.objectContaining({ name: 'path-absent', at: '/a' }) }));
});

test('the same number in two trees at one time are two nodes', () => {
  const nodes = new Nodes();
  const layer: Scope = { scope: 'layer', layer: 2 };
  const merged = nodes.row(MERGED, row(5, '/a')).node;
  const alone = nodes.row(layer, row(5, '/b')).node;
  nodes.renew();
  const found: string[] = [];
  const note = (path: string): number => found.push(path);
  nodes.node(MERGED, merged, note);
  nodes.node(layer, alone, note);
  expect(found).toEqual(['/a', '/b']);
});

test('only so many rows are remembered, the newest of them', () => {
  const nodes = new Nodes();
  const numbers = Array.from({ length: 5000 }, (_, node) => nodes.row(MERGED, row(node, `/${node}`)).node);
  nodes.renew();
  expect(nodes.node(MERGED, numbers.at(-1) ?? 0, () => 1)).toBe(1);
  expect(() => nodes.node(MERGED, numbers[0] ?? 0, () => 1)).toThrow('no longer there');
});
