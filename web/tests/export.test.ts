import { describe, expect, test } from 'vitest';
import { cell, csv, fileParts, fileRows } from '../export.ts';
import type { RowPage, RowQuery, RowView } from '../protocol.ts';

describe('cells', () => {
  test.each([
    ['plain', 'plain'], ['a,b', '"a,b"'], ['say "x"', '"say ""x"""'], ['two\nlines', '"two\nlines"'], [null, ''], [undefined, ''], [0, '0'], [-1, '-1'], [true, 'true'],
    ['=1+1', "'=1+1"], ['+x', "'+x"], ['-x', "'-x"], ['@x', "'@x"], ['\tx', "'\tx"], ['\r=x', '"\'\r=x"'], ['=HYPERLINK("a","b")', '"\'=HYPERLINK(""a"",""b"")"'], ['/=x', '/=x'],
  ])('%j is %j', (value, text) => expect(cell(value)).toBe(text));

  test('lines end as RFC 4180 says', () => expect(csv(['a', 'b'], [[1, null], ['x', 'y']])).toBe('a,b\r\n1,\r\nx,y\r\n'));
});

const QUERY: RowQuery = { scope: { scope: 'merged' }, sort: 'name', ghosts: true, changedOnly: false, filter: '' };
const row = (path: string): RowView => ({
  node: 1, name: path, path, level: 1, posInSet: 1, setSize: 1, expanded: null, kind: 'file', size: 5, mode: 0o644, uid: 0, gid: 0, change: 'unchanged', attributes: [], layer: 0, deletedBy: null, link: null, synthetic: false, changedBelow: false,
});

/** A worker that has so many rows, and finds them in so many turns. */
function worker(rows: number, turns = 0): { asked: { query: RowQuery; from: number }[]; request: (op: string, body: unknown) => Promise<unknown> } {
  const asked: { query: RowQuery; from: number }[] = [];
  return {
    asked,
    request: async (_op, body) => {
      const { query, from, count } = body as { query: RowQuery; from: number; count: number };
      asked.push({ query, from });
      const searching = asked.length <= turns;
      const some = Array.from({ length: Math.min(count, rows - from) }, (_, index) => row(`/=f${from + index}`));
      return { total: rows, from, rows: some, incomplete: false, preview: false, searching } satisfies RowPage;
    },
  };
}

describe('files', () => {
  test('every row comes, page by page, each once', async () => {
    const port = worker(4500);
    const paths: string[] = [];
    for await (const page of fileRows(port as never, QUERY)) paths.push(...page.map(({ path }) => path));
    expect(new Set(paths).size).toBe(4500);
    expect(port.asked.map(({ from }) => from)).toEqual([0, 2000, 4000]);
    expect(port.asked.every(({ query }) => query.all === true)).toBe(true);
  });

  test('a search is waited for, and asked as it is on screen', async () => {
    const port = worker(3, 2);
    const { rows } = await fileParts(port as never, { ...QUERY, filter: 'f' }, 'csv', () => undefined);
    expect(rows).toBe(3);
    expect(port.asked).toHaveLength(3);
    expect(port.asked.every(({ query }) => query.all === undefined)).toBe(true);
  });

  test('JSON is whole, whatever the pages', async () => {
    for (const count of [0, 1, 2000, 2001]) {
      const { parts } = await fileParts(worker(count) as never, QUERY, 'json', () => undefined);
      const all = JSON.parse(parts.join('')) as { path: string; node?: number }[];
      expect(all.length).toBe(count);
      expect(all.some((each) => 'node' in each)).toBe(false);
    }
  });
});
