import { describe, expect, it } from 'vitest';
import { diffLines, type Hunk } from '../diff.ts';

const drawn = (hunks: readonly Hunk[]): string[] => hunks.flatMap((hunk) => hunk.lines.map((line) => `${line.sign}${line.text}`));
const changed = (hunks: readonly Hunk[]): string[] => drawn(hunks).filter((line) => !line.startsWith(' '));
const numbers = (from: number, to: number): string => Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`).join('');

/** What `patch` would make of the first text, which fails where a hunk is not about it. */
function patched(a: string, hunks: readonly Hunk[]): string {
  const lines = a.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  let made = '';
  let at = 0;
  for (const line of hunks.flatMap((hunk) => hunk.lines)) {
    const text = `${line.text}${line.open ? '' : '\n'}`;
    if (line.sign === '+') {
      made += text;
      continue;
    }
    while (at < (line.before ?? 0) - 1) made += lines[at++];
    if (lines[at] !== text) throw new Error(`line ${at + 1} is ${JSON.stringify(lines[at])} and not ${JSON.stringify(text)}`);
    if (line.sign === ' ') made += text;
    at += 1;
  }
  return made + lines.slice(at).join('');
}

describe('a difference of two texts', () => {
  it('is nothing when they are the same', () => {
    expect(diffLines('', '')).toEqual([]);
    expect(diffLines('a\nb', 'a\nb')).toEqual([]);
  });

  it('tells what was added, removed and replaced', () => {
    expect(drawn(diffLines('', 'a\nb\n'))).toEqual(['+a', '+b']);
    expect(drawn(diffLines('a\nb\n', ''))).toEqual(['-a', '-b']);
    expect(drawn(diffLines('a\nb\nc\n', 'a\nB\nc\n'))).toEqual([' a', '-b', '+B', ' c']);
  });

  it('is the shortest between lines that come often', () => {
    expect(changed(diffLines('a\nb\nc\na\nb\nb\na\n', 'c\nb\na\nb\na\nc\n'))).toHaveLength(5);
    expect(changed(diffLines('x\nx\nx\nx\n', 'x\nx\nx\n'))).toEqual(['-x']);
  });

  it('keeps three lines around a change, and joins changes that are near', () => {
    const hunks = diffLines(numbers(1, 40), numbers(1, 40).replace('10\n', 'ten\n').replace('16\n', '').replace('30\n', 'thirty\n'));
    expect(hunks).toHaveLength(2);
    expect(hunks[0]?.lines[0]).toMatchObject({ sign: ' ', text: '7', before: 7, after: 7 });
    expect(hunks[0]?.lines.at(-1)).toMatchObject({ text: '19', before: 19, after: 18 });
    expect(drawn(hunks.slice(1))).toEqual([' 27', ' 28', ' 29', '-30', '+thirty', ' 31', ' 32', ' 33']);
  });

  it('tells a line feed and a carriage return that only one of them has', () => {
    expect(diffLines('a\n', 'a')[0]?.lines).toEqual([
      { sign: '-', text: 'a', before: 1, after: null, open: false },
      { sign: '+', text: 'a', before: null, after: 1, open: true },
    ]);
    expect(drawn(diffLines('a\r\n', 'a\n'))).toEqual(['-a\r', '+a']);
  });

  it('holds on to lines that both have once, wherever others moved', () => {
    const hunks = diffLines(`{\n}\nkept\n{\n}\n`, `{\n}\n{\n}\nkept\n`);
    expect(patched(`{\n}\nkept\n{\n}\n`, hunks)).toBe(`{\n}\n{\n}\nkept\n`);
    expect(drawn(hunks)).toContain(' kept');
  });

  it('makes the second text of the first, for any two', () => {
    let seed = 1;
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    const text = (letters: number): string => Array.from({ length: random(40) }, () => `${random(letters)}`).join('\n') + (random(2) === 0 ? '\n' : '');
    for (let round = 0; round < 1000; round += 1) {
      const letters = 1 + random(30);
      const [a, b] = [text(letters), text(letters)];
      const hunks = diffLines(a, b);
      expect(patched(a, hunks)).toBe(b);
      for (const hunk of hunks) expect(hunk.lines.some((line) => line.sign !== ' ')).toBe(true);
    }
  });

  it('gives up the shortest way when the texts have little in common, says so, and is still right', () => {
    const shuffled = (step: number): string => Array.from({ length: 9000 }, (_, index) => `${(index * step) % 3001}\n`).join('');
    const [a, b] = [shuffled(7), shuffled(1013)];
    const hunks = diffLines(a, b);
    expect(hunks.some((hunk) => hunk.capped)).toBe(true);
    expect(patched(a, hunks)).toBe(b);
    expect(diffLines('a\nb\n', 'b\nc\n').some((hunk) => hunk.capped)).toBe(false);
  });

  it('finds few changes in long texts', () => {
    const long = numbers(1, 20_000);
    const hunks = diffLines(long, long.replace('\n777\n', '\nseven\n').replace('\n19900\n', '\n'));
    expect(changed(hunks)).toEqual(['-777', '+seven', '-19900']);
  });
});
