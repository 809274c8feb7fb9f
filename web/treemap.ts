/**
 * Areas in proportion to sizes, as near to squares as they get: squarified treemaps (Bruls, Huizing and van Wijk, 2000).
 */

/** A rectangle; units are the caller's. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How far the worst of a row is from a square: 1 is one. `side` is the length of the row, `sum` its area. */
function worst(largest: number, smallest: number, sum: number, side: number): number {
  return Math.max((side * side * largest) / (sum * sum), (sum * sum) / (side * side * smallest));
}

/**
 * Splits a box among sizes, which come largest first; the boxes come in the same order. Sizes of zero and below get no
 * area. Together the boxes fill the whole box, if any size is above zero.
 */
export function squarify(sizes: readonly number[], box: Box): Box[] {
  const total = sizes.reduce((sum, size) => sum + Math.max(0, size), 0);
  const scale = total > 0 ? (box.width * box.height) / total : 0;
  const boxes: Box[] = [];
  let { x, y, width, height } = box;
  let from = 0;
  while (from < sizes.length) {
    const side = Math.min(width, height);
    const first = Math.max(0, sizes[from] ?? 0) * scale;
    let to = from + 1;
    let area = first;
    if (first > 0) {
      // The row takes one more as long as that makes its worst one better.
      for (; to < sizes.length; to += 1) {
        const next = Math.max(0, sizes[to] ?? 0) * scale;
        const last = Math.max(0, sizes[to - 1] ?? 0) * scale;
        if (next <= 0 || worst(first, next, area + next, side) > worst(first, last, area, side)) break;
        area += next;
      }
    }
    const wide = width >= height;
    const depth = side > 0 ? area / side : 0;
    let along = 0;
    for (const size of sizes.slice(from, to)) {
      const length = depth > 0 ? (Math.max(0, size) * scale) / depth : 0;
      boxes.push(wide ? { x, y: y + along, width: depth, height: length } : { x: x + along, y, width: length, height: depth });
      along += length;
    }
    if (wide) {
      x += depth;
      width = Math.max(0, width - depth);
    } else {
      y += depth;
      height = Math.max(0, height - depth);
    }
    from = to;
  }
  return boxes;
}
