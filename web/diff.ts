/**
 * What changed between two texts, line by line. Lines that both texts have once hold the two together (patience); between
 * them the shortest difference is looked for (Myers), up to a limit that is told when it is passed.
 */

/** Lines that stand around a change, so that it can be placed. */
const CONTEXT = 3;
/** Edits between two lines that hold the texts together; the work and its memory grow with the square. */
const EDITS_MAX = 1500;
/** Edits squared over a whole text: about half a second. */
const WORK_MAX = 40_000_000;

export interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  /** Without the line feed; a carriage return before it stays, for it may be what changed. */
  readonly text: string;
  /** Its number in the first text, from 1; null when it was added. */
  readonly before: number | null;
  /** Its number in the second text, from 1; null when it was removed. */
  readonly after: number | null;
  /** The text ends here, without a line feed. */
  readonly open: boolean;
}

/** Lines that changed, with those around them. */
export interface Hunk {
  readonly lines: readonly DiffLine[];
  /** Some of it is told as all removed and all added, because a shorter difference would take too long to find. */
  readonly capped: boolean;
}

/** Lines `from` to `to` of the first text became lines `start` to `end` of the second; all from 0, the ends not included. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
  readonly capped: boolean;
}

/** The changes that make `b` of `a`, in their order; none when the two are the same. */
export function diffLines(a: string, b: string): Hunk[] {
  const before = linesOf(a);
  const after = linesOf(b);
  return hunks(before, after, changes(...numbered(before, after)));
}

/** Lines with the line feed that ends each. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Each different line by a number of its own, because numbers are compared at once. */
function numbered(before: readonly string[], after: readonly string[]): [Int32Array, Int32Array] {
  const numbers = new Map<string, number>();
  const number = (line: string): number => {
    const known = numbers.get(line);
    if (known !== undefined) return known;
    numbers.set(line, numbers.size);
    return numbers.size - 1;
  };
  return [Int32Array.from(before, number), Int32Array.from(after, number)];
}

/** What differs, in order, and joined where nothing lies between. */
function changes(a: Int32Array, b: Int32Array): Change[] {
  const found: Change[] = [];
  let work = WORK_MAX;
  const add = (change: Change): void => {
    const last = found.at(-1);
    if (last !== undefined && last.to === change.from && last.end === change.start) {
      found[found.length - 1] = { ...change, from: last.from, start: last.start, capped: last.capped || change.capped };
    } else found.push(change);
  };
  let [from, start] = [0, 0];
  // The end of the texts is an anchor, too.
  for (const [x, y] of [...anchors(a, b), [a.length, b.length] as const]) {
    let [to, end] = [x, y];
    while (from < to && start < end && a[from] === b[start]) [from, start] = [from + 1, start + 1];
    while (from < to && start < end && a[to - 1] === b[end - 1]) [to, end] = [to - 1, end - 1];
    if (from < to || start < end) {
      const edits = Math.min(EDITS_MAX, Math.floor(Math.sqrt(work)));
      const shortest = from === to || start === end ? null : myers(a.subarray(from, to), b.subarray(start, end), edits);
      if (shortest === 'too-far') {
        work -= edits * edits;
        add({ from, to, start, end, capped: true });
      } else if (shortest === null) {
        add({ from, to, start, end, capped: false });
      } else {
        work -= shortest.edits * shortest.edits;
        for (const each of shortest.changes) add({ from: from + each.from, to: from + each.to, start: start + each.start, end: start + each.end, capped: false });
      }
    }
    [from, start] = [x, y];
  }
  return found;
}

/** Pairs of lines that both texts have exactly once, the longest row of them that goes forward in both. */
function anchors(a: Int32Array, b: Int32Array): [number, number][] {
  const [timesA, timesB, placeB] = [new Map<number, number>(), new Map<number, number>(), new Map<number, number>()];
  a.forEach((line) => timesA.set(line, (timesA.get(line) ?? 0) + 1));
  b.forEach((line, index) => {
    timesB.set(line, (timesB.get(line) ?? 0) + 1);
    placeB.set(line, index);
  });
  // The patience game: each pile's top is the smallest end of a row of its length.
  const tops: { x: number; y: number; below: number | null }[] = [];
  const cards: typeof tops = [];
  const piles: number[] = [];
  a.forEach((line, x) => {
    const y = placeB.get(line);
    if (y === undefined || timesA.get(line) !== 1 || timesB.get(line) !== 1) return;
    let [low, high] = [0, tops.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((tops[middle]?.y ?? 0) < y) low = middle + 1;
      else high = middle;
    }
    const card = { x, y, below: low === 0 ? null : (piles[low - 1] ?? null) };
    tops[low] = card;
    piles[low] = cards.push(card) - 1;
  });
  const row: [number, number][] = [];
  for (let at = piles.at(-1) ?? null; at !== null; ) {
    const card = cards[at];
    if (card === undefined) break;
    row.push([card.x, card.y]);
    at = card.below;
  }
  return row.reverse();
}

/** The shortest difference of two texts that begin and end differently (Myers 1986, "An O(ND) difference algorithm"). */
function myers(a: Int32Array, b: Int32Array, most: number): { changes: Omit<Change, 'capped'>[]; edits: number } | 'too-far' {
  const limit = Math.min(most, a.length + b.length);
  const furthest = new Int32Array(2 * limit + 3);
  const middle = limit + 1;
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= limit; edits += 1) {
    // What the step before reached, as far as it can have gone.
    trace.push(furthest.slice(middle - edits - 1, middle + edits + 2));
    for (let k = -edits; k <= edits; k += 2) {
      let x = goesDown(furthest, middle + k, k, edits) ? (furthest[middle + k + 1] ?? 0) : (furthest[middle + k - 1] ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      furthest[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return { changes: trackBack(trace, a.length, b.length), edits };
    }
  }
  return 'too-far';
}

/** Whether the way to diagonal `k` adds a line of the second text, and does not remove one of the first. */
function goesDown(furthest: Int32Array, at: number, k: number, edits: number): boolean {
  return k === -edits || (k !== edits && (furthest[at - 1] ?? 0) < (furthest[at + 1] ?? 0));
}

function trackBack(trace: readonly Int32Array[], length: number, height: number): Omit<Change, 'capped'>[] {
  const found: Omit<Change, 'capped'>[] = [];
  let [x, y] = [length, height];
  for (let edits = trace.length - 1; edits > 0; edits -= 1) {
    const furthest = trace[edits] ?? new Int32Array();
    const k = x - y;
    const at = k + edits + 1;
    const down = goesDown(furthest, at, k, edits);
    const from = down ? (furthest[at + 1] ?? 0) : (furthest[at - 1] ?? 0);
    const start = from - (down ? k + 1 : k - 1);
    found.push(down ? { from, to: from, start, end: start + 1 } : { from, to: from + 1, start, end: start });
    [x, y] = [from, start];
  }
  return found.reverse();
}

function hunks(before: readonly string[], after: readonly string[], found: readonly Change[]): Hunk[] {
  const made: Hunk[] = [];
  const line = (sign: DiffLine['sign'], x: number | null, y: number | null): DiffLine => {
    const text = (x === null ? after[y ?? 0] : before[x]) ?? '';
    const open = !text.endsWith('\n');
    return { sign, text: open ? text : text.slice(0, -1), before: x === null ? null : x + 1, after: y === null ? null : y + 1, open };
  };
  let at = 0;
  while (at < found.length) {
    const first = found[at] as Change;
    const lines: DiffLine[] = [];
    let capped = false;
    const lead = Math.min(CONTEXT, first.from, first.start);
    let [x, y] = [first.from - lead, first.start - lead];
    for (let change: Change | undefined = first; change !== undefined; change = found[at]) {
      if (change !== first && change.from - x > 2 * CONTEXT) break;
      for (; x < change.from; x += 1, y += 1) lines.push(line(' ', x, y));
      for (; x < change.to; x += 1) lines.push(line('-', x, null));
      for (; y < change.end; y += 1) lines.push(line('+', null, y));
      capped ||= change.capped;
      at += 1;
    }
    const stop = Math.min(before.length, x + CONTEXT);
    for (; x < stop; x += 1, y += 1) lines.push(line(' ', x, y));
    made.push({ lines, capped });
  }
  return made;
}
