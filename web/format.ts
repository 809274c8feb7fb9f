/** Figures as people read them: bytes, rates, times, modes, digests. */
import { currentLanguage, date, number, t, tn } from './i18n.ts';
import type { EntryKind } from './protocol.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
const SPACE = '\u00a0';

/** Bytes in steps of 1000, one decimal from kB on: `442 B`, `82.2 kB`, `227.6 MB`. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  // 999.95 and above would print as "1,000.0".
  while (value >= (unit === 0 ? 1000 : 999.95) && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${number(value, unit === 0 ? 0 : 1)}${SPACE}${UNITS[unit]}`;
}

/** Two amounts in the unit of the second: `58.8 of 96.3 MB`. */
export function bytesOf(part: number, whole: number): string {
  const text = bytes(whole);
  const unit = UNITS.findIndex((name) => text.endsWith(`${SPACE}${name}`));
  const digits = unit <= 0 ? 0 : 1;
  return t('progress.of', { part: number(part / 1000 ** Math.max(unit, 0), digits), whole: text });
}

/** Bytes in a second, without needless decimals: `41 MB/s`. */
export function rate(bytesPerSecond: number): string {
  let value = bytesPerSecond;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${number(value, value < 9.95 && unit > 0 ? 1 : 0)}${SPACE}${UNITS[unit]}/s`;
}

/** Time left, coarse enough not to flicker. */
export function timeLeft(seconds: number): string {
  if (seconds < 60) return tn('time.seconds-left', Math.max(1, Math.ceil(seconds)));
  if (seconds < 3600) return tn('time.minutes-left', Math.ceil(seconds / 60));
  return tn('time.hours-left', Math.ceil(seconds / 3600));
}

/** How long something took: `2.1 s`, `1 min 12 s`. */
export function duration(seconds: number): string {
  if (seconds < 59.95) return t('time.took-seconds', { seconds: number(seconds, 1) });
  const whole = Math.round(seconds);
  return t('time.took-minutes', { minutes: Math.floor(whole / 60), seconds: whole % 60 });
}

/** A share in percent with one decimal. */
export function percent(share: number, digits = 1): string {
  return `${number(share * 100, digits)}${SPACE}%`;
}

const TYPE_LETTER: Readonly<Record<EntryKind, string>> = {
  file: '-', directory: 'd', symlink: 'l', hardlink: '-', char: 'c', block: 'b', fifo: 'p', other: '?',
};

/** `ls -l` style, with setuid, setgid and sticky: `drwxrwxrwt`. */
export function modeText(kind: EntryKind, mode: number): string {
  let text = TYPE_LETTER[kind];
  for (const [shift, special, letter] of [[6, 0o4000, 's'], [3, 0o2000, 's'], [0, 0o1000, 't']] as const) {
    const bits = (mode >> shift) & 7;
    text += bits & 4 ? 'r' : '-';
    text += bits & 2 ? 'w' : '-';
    const runs = (bits & 1) !== 0;
    text += (mode & special) !== 0 ? (runs ? letter : letter.toUpperCase()) : runs ? 'x' : '-';
  }
  return text;
}

/** `0644`. */
export function modeOctal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** `sha256:4c70fdfc6037…53da95` without its algorithm: `4c70fdfc6037…53da95`. */
export function shortDigest(digest: string): string {
  const hex = digest.slice(digest.indexOf(':') + 1);
  return hex.length > 20 ? `${hex.slice(0, 12)}…${hex.slice(-6)}` : hex;
}

function parsed(rfc3339: string): Date | null {
  const at = new Date(rfc3339);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** Day and minute in UTC, as the language writes them. Null for what is no date. */
export function dateTime(rfc3339: string): string | null {
  const at = parsed(rfc3339);
  return at === null ? null : `${date(at, true)} UTC`;
}

/** The day in UTC. */
export function day(rfc3339: string): string | null {
  const at = parsed(rfc3339);
  return at === null ? null : date(at, false);
}

/** The time of day in UTC, `06:17:02`, the same in every language. */
export function clock(rfc3339: string): string | null {
  return parsed(rfc3339)?.toISOString().slice(11, 19) ?? null;
}

/** A modification time as it is stored, to its last digit; years need not fit a `Date`. */
export function exactTime(rfc3339: string): string {
  const found = /^([+-]?\d+-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d+)?)Z$/.exec(rfc3339);
  return found === null ? rfc3339 : `${found[1]} ${found[2]} UTC`;
}

/** "4 minutes ago", "yesterday". */
export function ago(then: number, now: number): string {
  const seconds = Math.max(0, (now - then) / 1000);
  const relative = new Intl.RelativeTimeFormat(currentLanguage(), { numeric: 'auto', style: 'short' });
  if (seconds < 60) return relative.format(0, 'minute');
  if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), 'minute');
  if (seconds < 86_400) return relative.format(-Math.floor(seconds / 3600), 'hour');
  if (seconds < 14 * 86_400) return relative.format(-Math.floor(seconds / 86_400), 'day');
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium' }).format(then);
}

/** `0x00000a30`, wide enough for the last offset of what is shown. */
export function hexOffset(offset: number, size: number): string {
  return offset.toString(16).padStart(Math.max(8, size.toString(16).length), '0');
}
