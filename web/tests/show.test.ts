import { describe, expect, test } from 'vitest';
import { isHostile, pieces, show } from '../show.ts';

describe('what would act or hide is written out', () => {
  test.each([
    ['\u0000', '\\u0000'], ['\t', '\\u0009'], ['\n', '\\u000a'], ['\r', '\\u000d'], ['\u001b[31m', '\\u001b[31m'], ['\u007f', '\\u007f'],
    ['\u0085', '\\u0085'], ['\u009b', '\\u009b'], ['\u00a0', '\\u00a0'], ['\u00ad', '\\u00ad'], ['\u061c', '\\u061c'], ['\u200b', '\\u200b'],
    ['\u200e', '\\u200e'], ['\u202a', '\\u202a'], ['rtl-\u202egpj.exe', 'rtl-\\u202egpj.exe'], ['\u2028', '\\u2028'], ['\u202f', '\\u202f'],
    ['\u2066x\u2069', '\\u2066x\\u2069'], ['\ufeff', '\\ufeff'], ['\u3164', '\\u3164'], ['\u{e0041}', '\\u{e0041}'], ['\ud800', '\\ud800'], ['a\udfffb', 'a\\udfffb'], ['\uffff', '\\uffff'],
  ])('%j', (text, visible) => {
    expect(show(text)).toBe(visible);
    expect(isHostile(text)).toBe(true);
  });
});

test.each(['/usr/bin/perl', 'りんご.txt', '日本\u3000語', 'naïve', '👩🏽', '❤\ufe0f', '<img src=x onerror=alert(1)>', 'a  b', '\\u202e', 'مرحبا'])('%j stays as it is', (text) => {
  expect(show(text)).toBe(text);
  expect(isHostile(text)).toBe(false);
});

test('lines keep their newlines and tabs, and nothing else', () => {
  expect(show('a\tb\nc\rd\u0007', { lines: true })).toBe('a\tb\nc\\u000dd\\u0007');
});

test('pieces together say what show says', () => {
  for (const text of ['', 'plain', '\u202eab\u202c', 'x\u0000', '\ud83d\ude00\ud83d']) {
    const together = pieces(text).map((piece) => (typeof piece === 'string' ? piece : String(piece.values[0]))).join('');
    expect(together).toBe(show(text));
  }
});

test('nothing of the string is ever markup', () => {
  for (const piece of pieces('<b>\u202e</b>')) if (typeof piece !== 'string') expect(piece.strings.join('')).not.toContain('<b>');
});
