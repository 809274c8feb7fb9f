/**
 * The one message catalogue. Keys are checked by the compiler; plurals are `key.one` and `key.other`, chosen by
 * `Intl.PluralRules`; `{name}` is replaced by an argument.
 *
 * `error.<name>` and `finding.<id>` are sentences that the command line prints too, from the same files.
 */
import en from './messages/en.json';
import japanese from './messages/ja.json?url';

export type Language = 'en' | 'ja';
export const LANGUAGES: readonly Language[] = ['en', 'ja'];
/** Each language in itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', ja: '日本語' };

type Stored = keyof typeof en;
/** The stem of a plural message. */
export type Plural = { [K in Stored]: K extends `${infer Stem}.other` ? Stem : never }[Stored];
/** A message without a number. */
export type Key = Exclude<Stored, `${Plural}.one` | `${Plural}.other`>;
type Value = string | number;

let language: Language = 'en';
let messages: Readonly<Record<string, string>> = en;
let rules = new Intl.PluralRules('en');
/** Formatters of the language on screen: one costs far more to make than to use. */
let formatters = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

/** The language on screen, also the locale for `Intl`. */
export function currentLanguage(): Language {
  return language;
}

/** What the visitor asked for, or what the browser speaks. */
export function pickLanguage(wanted: string | null, spoken: readonly string[]): Language {
  for (const tag of [wanted ?? '', ...spoken]) {
    const primary = tag.toLowerCase().split('-')[0];
    const found = LANGUAGES.find((known) => known === primary);
    if (found !== undefined) return found;
  }
  return 'en';
}

/** Switches the catalogue. Japanese is a file of its own, so that nobody loads a language that he does not read. */
export async function useLanguage(next: Language): Promise<void> {
  messages = next === 'ja' ? await sentences(japanese) : en;
  language = next;
  rules = new Intl.PluralRules(next);
  formatters = new Map();
}

async function sentences(url: string): Promise<Readonly<Record<string, string>>> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json() as Promise<Readonly<Record<string, string>>>;
}

function formatter<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  const known = formatters.get(key) as T | undefined;
  if (known !== undefined) return known;
  const made = make();
  formatters.set(key, made);
  return made;
}

function fill(message: string, args: Readonly<Record<string, Value>>): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = args[name];
    return value === undefined ? whole : typeof value === 'number' ? number(value) : value;
  });
}

/** A whole or fractional number, grouped as the language does it. */
export function number(value: number, digits = 0): string {
  return formatter(`number ${digits}`, () => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })).format(value);
}

/** A day, and the minute if `minute`, in UTC as the language writes them. */
export function date(value: Date, minute: boolean): string {
  return formatter(`date ${minute}`, () => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC', ...(minute && { timeStyle: 'short' }) })).format(value);
}

/** A sentence or a word. */
export function t(key: Key, args: Readonly<Record<string, Value>> = {}): string {
  return fill(messages[key] ?? en[key], args);
}

/** A sentence that counts something; the number is `{n}`. */
export function tn(stem: Plural, n: number, args: Readonly<Record<string, Value>> = {}): string {
  const chosen = messages[`${stem}.${rules.select(n)}`] ?? messages[`${stem}.other`] ?? '';
  return fill(chosen, { n, ...args });
}

/** A sentence with elements in it, as a list that a template can hold; word order stays the translator's. */
export function tx(key: Key, args: Readonly<Record<string, unknown>>): unknown[] {
  return (messages[key] ?? en[key])
    .split(/\{(\w+)\}/)
    .map((piece, index) => (index % 2 === 0 ? piece : args[piece]));
}

/** A message whose name is only known at run time, or null: errors and findings. */
export function lookup(key: string, args: Readonly<Record<string, Value>> = {}): string | null {
  const message = messages[key];
  return message === undefined ? null : fill(message, args);
}
