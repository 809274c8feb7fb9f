import { describe, expect, test } from 'vitest';
import { hexRow, imageType, isJson, readOsRelease, readText, splitLines } from '../content.ts';
import { layOut, tokens } from '../json-lines.ts';
import { findAll, MATCHES_MAX } from '../text-search.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('images are told by their bytes', () => {
  test.each([
    ['image/png', bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)], ['image/jpeg', bytes(0xff, 0xd8, 0xff, 0xe0)], ['image/gif', utf8('GIF89a')], ['image/gif', utf8('GIF87a')],
    ['image/webp', utf8('RIFF....WEBPVP8 ')], [null, utf8('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">')], [null, utf8('<!doctype html>')], [null, utf8('RIFF....WAVE')], [null, utf8('GIF88a')], [null, bytes()], [null, bytes(0x89, 0x50)],
  ])('%s', (type, data) => expect(imageType(data)).toBe(type));
});

describe('text is told by its bytes', () => {
  test.each([
    ['utf-8', 'りんご\n', utf8('りんご\n')], ['utf-8-bom', 'x', bytes(0xef, 0xbb, 0xbf, 0x78)], ['utf-16le', 'hi', bytes(0xff, 0xfe, 0x68, 0, 0x69, 0)], ['utf-16be', 'hi', bytes(0xfe, 0xff, 0, 0x68, 0, 0x69)],
    ['latin-1', 'caf\u00e9', bytes(0x63, 0x61, 0x66, 0xe9)], ['latin-1', '\u0085\u00e9', bytes(0x85, 0xe9)], ['binary', 'a\u0000b', bytes(0x61, 0, 0x62)], ['utf-8', '', bytes()],
  ])('%s', (encoding, text, data) => expect(readText(data, false)).toEqual({ encoding, text }));

  test('a character that is cut at the end is no fault while more is to come', () => {
    const cut = utf8('ab\u3042').subarray(0, 4);
    expect(readText(cut, true)).toEqual({ encoding: 'utf-8', text: 'ab' });
    expect(readText(cut, false).encoding).toBe('latin-1');
  });
});

describe('lines', () => {
  const plain = (text: string): [number | null, string][] => splitLines(text).lines.map((line) => [line.number, line.text]);
  test('are numbered, and a newline at the end opens none', () => {
    expect(plain('a\nb\n')).toEqual([[1, 'a'], [2, 'b']]);
    expect(plain('a\n\nb')).toEqual([[1, 'a'], [2, ''], [3, 'b']]);
    expect(plain('')).toEqual([[1, '']]);
    expect(plain('\n')).toEqual([[1, '']]);
  });
  test.each([['a\nb', 'LF'], ['a\r\nb\r\n', 'CRLF'], ['a\rb', 'CR'], ['a\nb\r\nc', 'mixed'], ['a', 'none']])('%j ends in %s', (text, end) => expect(splitLines(text).end).toBe(end));
  test('that are long go on below, and no character is cut in two', () => {
    const long = plain(`${'x'.repeat(999)}😀tail\nnext`);
    expect(long.map(([number, text]) => [number, text.length])).toEqual([[1, 999], [null, 6], [2, 4]]);
    expect(long[1]?.[1]).toBe('😀tail');
  });
  test('lose nothing', () => {
    const text = 'one\ntwo\n'.repeat(5000) + 'y'.repeat(10_001);
    expect(splitLines(text).lines.map((line) => line.text).join('').length).toBe(text.replaceAll('\n', '').length);
  });
});

test('hex rows are sixteen bytes in two groups', () => {
  const data = Uint8Array.from({ length: 18 }, (_, index) => index + 0x59);
  expect(hexRow(data, 0)).toEqual({ hex: '59 5a 5b 5c 5d 5e 5f 60  61 62 63 64 65 66 67 68', ascii: 'YZ[\\]^_`abcdefgh' });
  expect(hexRow(data, 1)).toEqual({ hex: '69 6a', ascii: 'ij' });
  expect(hexRow(bytes(0, 0x1b, 0x7f, 0xff), 0).ascii).toBe('····');
});

describe('JSON is laid out from its text', () => {
  const drawn = (text: string): string | undefined => layOut(text)?.map(({ indent, tokens: line }) => '  '.repeat(indent) + line.map((token) => token.text).join('')).join('\n');

  test('as JSON.stringify would', () => {
    const value = { a: 1, b: [true, null, { c: 'x"y\\' }], d: {}, e: [], f: 'りんご' };
    expect(drawn(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
    expect(drawn(JSON.stringify(value, null, 4))).toBe(JSON.stringify(value, null, 2));
    expect(drawn('[]')).toBe('[]');
    expect(drawn('"x"')).toBe('"x"');
  });

  test('but with every digit and every repeated key', () => {
    expect(drawn('{"n":12345678901234567890,"n":1.0e400}')).toBe('{\n  "n": 12345678901234567890,\n  "n": 1.0e400\n}');
  });

  test('keys are told from strings', () => {
    expect(layOut('{"a":"b"}')?.[1]?.tokens).toEqual([{ kind: 'key', text: '"a"' }, { kind: 'mark', text: ': ' }, { kind: 'string', text: '"b"' }]);
  });

  test.each(['{"a"', 'hello', "{'a':1}", '{"a":\u0001}', '"\n"'])('%j is not JSON, or only the beginning of it', (text) => {
    const all = tokens(text);
    expect(all === null || all.length < 4).toBe(true);
  });

  test('a very long string goes on in the next line', () => {
    const lines = layOut(`{"a":"${'x'.repeat(5000)}"}`) ?? [];
    expect(lines.length).toBe(5);
    expect(lines.flatMap(({ tokens: line }) => line.map(({ text }) => text)).join('').length).toBe(5000 + '{"a": ""}'.length);
  });

  test('a string of megabytes is one token, however many escapes it has', () => {
    const value = 'x\\"'.repeat(700_000);
    expect(tokens(JSON.stringify({ a: value }))?.[3]).toEqual({ kind: 'string', text: JSON.stringify(value) });
  });
});

describe('text of other encodings is a guess', () => {
  test.each([
    ['shift_jis', 'りんごの木\n', bytes(0x82, 0xe8, 0x82, 0xf1, 0x82, 0xb2, 0x82, 0xcc, 0x96, 0xd8, 0x0a)], ['euc-jp', 'りんごの木\n', bytes(0xa4, 0xea, 0xa4, 0xf3, 0xa4, 0xb4, 0xa4, 0xce, 0xcc, 0xda, 0x0a)],
    ['latin-1', 'r\u00e9sum\u00e9', bytes(0x72, 0xe9, 0x73, 0x75, 0x6d, 0xe9)], ['latin-1', '\u00e9s', bytes(0xe9, 0x73)],
  ])('%s', (encoding, text, data) => expect(readText(data, false)).toEqual({ encoding, text }));
});

test('os-release is read as a shell would', () => {
  expect(readOsRelease('# no=thing\nNAME="Apple \\"OS\\""\n ID=apple \nEMPTY=\nSINGLE=\'a\\b\'\nno assignment\n')).toEqual([['NAME', 'Apple "OS"'], ['ID', 'apple'], ['EMPTY', ''], ['SINGLE', 'a\\b']]);
});

test('a document is JSON when all of it is', () => {
  expect(['{"a":1}', ' [1]\n', '{"a":1', '12', 'null', ''].map(isJson)).toEqual([true, true, false, false, false, false]);
});

describe('a search in text', () => {
  const found = (text: string, wanted: string): string[] => findAll(splitLines(text).lines, wanted).map(({ parts }) => parts.map(({ line, from, to }) => `${line}:${from}-${to}`).join(' '));
  test('tells each place, whatever the case, unless the case is asked for', () => {
    expect(found('An apple.\nan Apple\n', 'apple')).toEqual(['0:3-8', '1:3-8']);
    expect(found('An apple.\nan Apple\n', 'Apple')).toEqual(['1:3-8']);
    expect(found('aaaa', 'aa')).toEqual(['0:0-2', '0:2-4']);
    expect(found('anything', '')).toEqual([]);
  });
  test('takes what is typed as it is', () => {
    expect(found('a.b a-b [x]{1} (/)^$|\\ #', 'a.b')).toEqual(['0:0-3']);
    for (const wanted of ['a-b', '[x]{1}', '(/)^$|\\', ' #']) expect(found('a.b a-b [x]{1} (/)^$|\\ #', wanted)).toHaveLength(1);
    expect(found('りんごとリンゴ😀', '😀')).toEqual(['0:7-9']);
  });
  test('sees what goes over the end of a drawn line', () => {
    expect(found(`${'x'.repeat(998)}needle\nneedle`, 'needle')).toEqual(['0:998-1000 1:0-4', '2:0-6']);
  });
  test('stops at a limit', () => {
    expect(found('a'.repeat(30_000), 'a')).toHaveLength(MATCHES_MAX);
  });
});
