import { afterEach, describe, expect, test } from 'vitest';
import en from '../messages/en.json';
import ja from '../messages/ja.json';
import { lookup, pickLanguage, t, tn, tx, useLanguage } from '../i18n.ts';
import { speakJapanese } from './japanese.ts';

const catalogues: Readonly<Record<string, Readonly<Record<string, string>>>> = { en, ja };
const sources = import.meta.glob('../**/*.ts', { query: '?raw', import: 'default', eager: true }) as Record<string, string>;
const code = Object.entries(sources).filter(([path]) => !path.includes('/tests/') && !path.startsWith('./')).map(([, text]) => text).join('\n');

afterEach(() => useLanguage('en'));

const stemsOf = (messages: Readonly<Record<string, string>>): string[] => Object.keys(messages).filter((key) => key.endsWith('.other')).map((key) => key.slice(0, -'.other'.length));
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();

describe('no message is missing', () => {
  for (const [language, messages] of Object.entries(catalogues)) {
    test(`${language} has each plural form that its language needs`, () => {
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      const missing = stemsOf(en).flatMap((stem) => forms.map((form) => `${stem}.${form}`)).filter((key) => !(key in messages));
      expect(missing).toEqual([]);
    });

    test(`${language} has every other message of English, and none besides`, () => {
      const plural = new Set(stemsOf(en).flatMap((stem) => ['zero', 'one', 'two', 'few', 'many', 'other'].map((form) => `${stem}.${form}`)));
      const singular = (keys: string[]): string[] => keys.filter((key) => !plural.has(key)).sort();
      expect(singular(Object.keys(messages))).toEqual(singular(Object.keys(en)));
      expect(stemsOf(messages).sort()).toEqual(stemsOf(en).sort());
    });

    test(`${language} has no empty message`, () => {
      expect(Object.entries(messages).filter(([, text]) => text.trim() === '').map(([key]) => key)).toEqual([]);
    });
  }

  test('both languages fill the same places', () => {
    const differing = Object.keys(ja).filter((key) => {
      const english = (en as Record<string, string>)[key] ?? '';
      return JSON.stringify(placeholders((ja as Record<string, string>)[key] ?? '')) !== JSON.stringify(placeholders(english));
    });
    expect(differing).toEqual([]);
  });
});

describe('code and catalogue agree', () => {
  const literal = new Set([...code.matchAll(/['`]([a-z][\w-]*(?:\.[\w-]+)*)['`]/g)].map((match) => match[1] ?? ''));
  // `tab.${tab}`: every message with that beginning may be used.
  const prefixes = [...code.matchAll(/`([a-z][\w-]*(?:\.[\w-]+)*[.-])\$\{/g)].map((match) => match[1] ?? '');

  test('each key that is named in code exists', () => {
    const used = [...code.matchAll(/\b(?:t|tx)\(\s*'([\w.-]+)'/g)].map((match) => match[1] ?? '').filter((key) => !(key in en));
    const counted = [...code.matchAll(/\btn\(\s*'([\w.-]+)'/g)].map((match) => match[1] ?? '').filter((stem) => !(`${stem}.other` in en));
    expect([...used, ...counted]).toEqual([]);
    expect(code.length).toBeGreaterThan(50_000);
  });

  test('each prefix that is put together in code has messages', () => {
    const known = Object.keys(en);
    expect(prefixes.filter((prefix) => /^(tab|change|state|seal|attribute|kind|cause|encoding|error|finding|meaning|severity)/.test(prefix) && !known.some((key) => key.startsWith(prefix)))).toEqual([]);
  });

  test('no message is left over', () => {
    const unused = Object.keys(en).filter((key) => {
      const stem = key.replace(/\.(?:one|other)$/, '');
      // The words of the command line are checked in its own test.
      return !key.startsWith('cli.') && !literal.has(key) && !literal.has(stem) && !prefixes.some((prefix) => key.startsWith(prefix));
    });
    expect(unused).toEqual([]);
  });
});

describe('what the core can say has a sentence', () => {
  const rust = import.meta.glob('../../crates/*/src/**/*.rs', { query: '?raw', import: 'default', eager: true }) as Record<string, string>;
  const namesIn = (files: RegExp, names: RegExp): string[] =>
    Object.entries(rust).filter(([path]) => files.test(path)).flatMap(([, text]) => [...text.matchAll(names)].map((match) => match[1] ?? match[2] ?? ''));

  test('errors', () => {
    const names = namesIn(/\/(?:error|refusal|fault)\.rs$/, /=> "([a-z0-9]+(?:-[a-z0-9]+)+)"|name: "([a-z0-9-]+)"/g);
    expect(names.length).toBeGreaterThan(70);
    expect(names.filter((name) => !(`error.${name}` in en))).toEqual([]);
  });

  test('findings', () => {
    const names = namesIn(/inspect\/src\/severity\.rs$/, /^ {4}"([a-z-]+)",$/gm);
    expect(names.length).toBeGreaterThan(70);
    expect(names.filter((name) => !(`finding.${name}` in en) || !(`finding.${name}.runtime` in en))).toEqual([]);
  });
});

describe('sentences', () => {
  test('numbers choose their plural and are grouped', async () => {
    expect(tn('stack.layers', 1)).toBe('1 layer');
    expect(tn('stack.layers', 22_307)).toBe('22,307 layers');
    await speakJapanese();
    expect(tn('stack.layers', 1)).toBe('1 レイヤー');
  });

  test('arguments are put in as they are, even if they look like places', () => {
    expect(t('copied', { what: '{what} $& $1' })).toBe('Copied: {what} $& $1');
  });

  test('elements stand where the translator wants them', async () => {
    const bold = Symbol('bold');
    expect(tx('sum.compressed', { size: bold })).toEqual(['', bold, ' compressed']);
    await speakJapanese();
    expect(tx('sum.compressed', { size: bold })).toEqual(['', bold, ' 圧縮時']);
  });

  test('an error that the catalogue does not know is null, not a key', () => {
    expect(lookup('error.no-such-error')).toBeNull();
    expect(lookup('error.denied')).toBe('The registry refuses to show this image');
  });
});

test.each([
  ['ja', ['en-US'], 'ja'], [null, ['ja-JP', 'en'], 'ja'], [null, ['fr', 'de-DE'], 'en'], ['xx', ['ja'], 'ja'], [null, [], 'en'], ['en', ['ja'], 'en'],
] as const)('wanted %s, spoken %j: %s', (wanted, spoken, picked) => expect(pickLanguage(wanted, spoken)).toBe(picked));
