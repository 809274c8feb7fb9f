/** Where a text has what is searched for, told by drawn lines. */
import type { Line } from './content.ts';

/** More matches are neither counted nor shown. */
export const MATCHES_MAX = 10_000;

/** A match; one that goes over the end of a drawn line has several parts. */
export interface Match {
  readonly parts: readonly { readonly line: number; readonly from: number; readonly to: number }[];
}

/** All places of `wanted`, without regard to case unless it has upper-case letters. A line that goes on below is one line. */
export function findAll(lines: readonly Line[], wanted: string): Match[] {
  const found: Match[] = [];
  if (wanted === '') return found;
  const pattern = new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replaceAll('\\-', '\\x2d'), wanted === wanted.toLowerCase() ? 'giu' : 'gu');
  for (let first = 0; first < lines.length; ) {
    let end = first + 1;
    while (end < lines.length && lines[end]?.number === null) end += 1;
    const whole = end === first + 1 ? (lines[first]?.text ?? '') : lines.slice(first, end).map(({ text }) => text).join('');
    for (const { 0: text, index } of whole.matchAll(pattern)) {
      found.push({ parts: partsOf(lines, first, end, index, index + text.length) });
      if (found.length === MATCHES_MAX) return found;
    }
    first = end;
  }
  return found;
}

/** The stretch from `start` to `stop` of the text of some lines, line by line. */
function partsOf(lines: readonly Line[], first: number, end: number, start: number, stop: number): Match['parts'] {
  const parts: { line: number; from: number; to: number }[] = [];
  let at = 0;
  for (let line = first; line < end && at < stop; line += 1) {
    const { length } = lines[line]?.text ?? '';
    const [from, to] = [Math.max(start - at, 0), Math.min(stop - at, length)];
    if (from < to) parts.push({ line, from, to });
    at += length;
  }
  return parts;
}
