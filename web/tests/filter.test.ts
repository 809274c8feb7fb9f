import { expect, test } from 'vitest';
import { FACETS, kindOf, readFilter, toggled } from '../filter.ts';

test('words and a pattern', () => {
  expect(readFilter('suid: *.so size:>1M')).toEqual({ facets: ['suid:', 'size:>1M'], pattern: '*.so' });
  expect(readFilter('a  b')).toEqual({ facets: [], pattern: 'a  b' });
  expect(readFilter('"suid:"')).toEqual({ facets: [], pattern: '"suid:"' });
  expect(readFilter('exec: "suid: b" ww:')).toEqual({ facets: ['exec:', 'ww:'], pattern: '"suid: b"' });
  expect(readFilter('std::fs C: uid: uid:root link:in')).toEqual({ facets: [], pattern: 'std::fs C: uid: uid:root link:in' });
});

test.each([
  ['motd', 'text'], ['*.conf', 'glob'], ['[ab].txt', 'glob'], ['/x/', 'regex'], ['suid:', 'facet'], ['suid: /x/', 'regex'], ['"*"', 'text'], ['dup: lib', 'text'], ['/', 'text'],
] as const)('%s is a %s', (text, kind) => expect(kindOf(text)).toBe(kind));

test('a word comes and goes, and the pattern stays', () => {
  for (const [word] of FACETS) {
    expect(readFilter(word)).toEqual({ facets: [word], pattern: '' });
    expect(toggled('', word)).toBe(word);
    expect(toggled(word, word)).toBe('');
    expect(toggled(toggled('*.so', word), word)).toBe('*.so');
  }
  expect(toggled('"a b"', 'suid:')).toBe('suid: "a b"');
});
