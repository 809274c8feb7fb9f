import { describe, expect, test } from 'vitest';
import { squarify, type Box } from '../treemap.ts';

const PAGE: Box = { x: 10, y: 20, width: 600, height: 400 };
const area = ({ width, height }: Box): number => width * height;
const aspect = ({ width, height }: Box): number => Math.max(width / height, height / width);

describe('a box that is split', () => {
  test('gives to each in proportion', () => {
    const sizes = [6, 6, 4, 3, 2, 2, 1];
    const boxes = squarify(sizes, { x: 0, y: 0, width: 6, height: 4 });
    // The figures of the paper.
    boxes.forEach((box, index) => expect(area(box)).toBeCloseTo(sizes[index] ?? 0, 9));
    expect(boxes[0]).toEqual({ x: 0, y: 0, width: 3, height: 2 });
    expect(boxes[1]).toEqual({ x: 0, y: 2, width: 3, height: 2 });
    expect(Math.max(...boxes.map(aspect))).toBeLessThan(3);
  });

  test('is filled, and nothing lies over anything else', () => {
    const sizes = Array.from({ length: 60 }, (_, index) => Math.ceil(1e9 / (index + 1) ** 2));
    const boxes = squarify(sizes, PAGE);
    expect(boxes.reduce((sum, box) => sum + area(box), 0)).toBeCloseTo(area(PAGE), 3);
    for (const [index, a] of boxes.entries()) {
      expect(a.x).toBeGreaterThanOrEqual(PAGE.x - 1e-6);
      expect(a.y + a.height).toBeLessThanOrEqual(PAGE.y + PAGE.height + 1e-6);
      for (const b of boxes.slice(index + 1)) {
        const over = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > 1e-6 && Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > 1e-6;
        expect(over).toBe(false);
      }
    }
  });

  test.each([[[]], [[0]], [[5]], [[5, 0, 0]], [[0, 0]], [[-1, 3]], [[1, 1e15]], [Array<number>(500).fill(7)]])('%j has one box for each size, all of them finite', (sizes) => {
    const boxes = squarify(sizes, PAGE);
    expect(boxes).toHaveLength(sizes.length);
    for (const { x, y, width, height } of boxes) expect([x, y, width, height].every((each) => Number.isFinite(each) && each >= 0)).toBe(true);
  });

  test('that has no area stays empty', () => {
    expect(squarify([3, 2], { x: 0, y: 0, width: 0, height: 50 }).map(area)).toEqual([0, 0]);
  });
});
