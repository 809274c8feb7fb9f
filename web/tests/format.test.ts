import { afterEach, describe, expect, test } from 'vitest';
import { ago, bytes, bytesOf, clock, dateTime, day, duration, exactTime, hexOffset, modeOctal, modeText, percent, rate, shortDigest, timeLeft } from '../format.ts';
import { useLanguage } from '../i18n.ts';
import { speakJapanese } from './japanese.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

afterEach(() => useLanguage('en'));

describe('bytes', () => {
  test.each([
    [0, '0 B'], [442, '442 B'], [999, '999 B'], [1000, '1.0 kB'], [82_200, '82.2 kB'], [999_949, '999.9 kB'], [999_950, '1.0 MB'],
    [227_600_000, '227.6 MB'], [2_147_483_648, '2.1 GB'], [Number.MAX_SAFE_INTEGER, '9.0 PB'],
  ])('%d is %s', (count, text) => expect(plain(bytes(count))).toBe(text));

  test('two amounts share the unit of the second', () => {
    expect(plain(bytesOf(58_800_000, 96_300_000))).toBe('58.8 of 96.3 MB');
    expect(plain(bytesOf(3, 512))).toBe('3 of 512 B');
  });

  test('in Japanese the order differs, the figures do not', async () => {
    await speakJapanese();
    expect(plain(bytesOf(58_800_000, 96_300_000))).toBe('58.8 / 96.3 MB');
  });
});

test.each([[0, '0 B/s'], [41_200_000, '41 MB/s'], [4_120_000, '4.1 MB/s'], [999_600, '1.0 MB/s'], [900, '900 B/s']])('%d bytes a second is %s', (speed, text) => {
  expect(plain(rate(speed))).toBe(text);
});

test.each([[0.2, '1 s left'], [41, '41 s left'], [61, '2 min left'], [7300, '3 h left']])('%d seconds are "%s"', (seconds, text) => {
  expect(timeLeft(seconds)).toBe(text);
});

test.each([[2.14, '2.1 s'], [59.9, '59.9 s'], [59.97, '1 min 0 s'], [72, '1 min 12 s']])('%d seconds took %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

describe('modes', () => {
  test.each([
    ['file', 0o644, '-rw-r--r--'], ['directory', 0o755, 'drwxr-xr-x'], ['symlink', 0o777, 'lrwxrwxrwx'], ['file', 0o4755, '-rwsr-xr-x'],
    ['file', 0o4644, '-rwSr--r--'], ['file', 0o2755, '-rwxr-sr-x'], ['directory', 0o1777, 'drwxrwxrwt'], ['directory', 0o1776, 'drwxrwxrwT'],
    ['char', 0o666, 'crw-rw-rw-'], ['block', 0o660, 'brw-rw----'], ['fifo', 0, 'p---------'], ['hardlink', 0o400, '-r--------'], ['other', 0o7777, '?rwsrwsrwt'],
  ] as const)('%s %o is %s', (kind, mode, text) => expect(modeText(kind, mode)).toBe(text));

  test('octal has four digits', () => {
    expect(modeOctal(0o644)).toBe('0644');
    expect(modeOctal(0o4755)).toBe('4755');
  });
});

describe('times', () => {
  test('are in UTC', () => {
    expect(dateTime('2026-11-21T06:17:02Z')).toMatch(/^Nov 21, 2026, 6:17.AM UTC$/);
    expect(day('2026-11-21T23:59:59-05:00')).toBe('Nov 22, 2026');
    expect(clock('2026-11-21T06:17:02.5Z')).toBe('06:17:02');
  });

  test('what is no time is not made one', () => {
    expect(dateTime('yesterday')).toBeNull();
    expect(clock('')).toBeNull();
  });

  test('a modification time keeps every digit and any year', () => {
    expect(exactTime('2026-11-21T06:17:02.123456789Z')).toBe('2026-11-21 06:17:02.123456789 UTC');
    expect(exactTime('-0044-03-15T12:00:00Z')).toBe('-0044-03-15 12:00:00 UTC');
    expect(exactTime('not a time')).toBe('not a time');
  });

  test('the past is told in words', () => {
    const now = Date.UTC(2026, 10, 21);
    expect(ago(now - 4 * 60_000, now)).toBe('4 min. ago');
    expect(ago(now - 26 * 3_600_000, now)).toBe('yesterday');
    expect(ago(now + 5000, now)).toBe('this minute');
  });
});

test('digests are short at both ends', () => {
  expect(shortDigest('sha256:4c70fdfc603753af9d929211a63c597651187394431d9cb4982f6f046353da95')).toBe('4c70fdfc6037…53da95');
  expect(shortDigest('sha256:abc')).toBe('abc');
});

test('percents and offsets', () => {
  expect(plain(percent(0.185))).toBe('18.5 %');
  expect(hexOffset(2608, 4096)).toBe('00000a30');
  expect(hexOffset(0, 2 ** 40)).toBe('00000000000');
});
