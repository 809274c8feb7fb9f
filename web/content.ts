/** What a file's first bytes say about it, and its text in lines. Nothing here trusts a name. */

/** Bytes that are shown at first, and again with each "show more". */
export const PREVIEW_BYTES = 1024 * 1024;
/** More than this belongs in an editor, not in a tab: it can be downloaded. */
export const PREVIEW_LIMIT = 16 * 1024 * 1024;
/** Images above this size are not decoded. */
export const IMAGE_LIMIT = 16 * 1024 * 1024;
/** Characters in one drawn line; longer lines go on in the next row, without a number. */
const LINE_CHARACTERS = 1000;
/** Bytes in which a NUL makes a file binary, as git does it. */
const SNIFFED = 8000;

/** Raster images that a browser decodes safely. SVG and HTML are documents and are never drawn. */
export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

const startsWith = (bytes: Uint8Array, signature: readonly number[], at = 0): boolean => signature.every((byte, index) => bytes[at + index] === byte);

export function imageType(bytes: Uint8Array): ImageType | null {
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png';
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'image/jpeg';
  if (startsWith(bytes, [0x47, 0x49, 0x46, 0x38]) && (bytes[4] === 0x37 || bytes[4] === 0x39) && bytes[5] === 0x61) return 'image/gif';
  if (startsWith(bytes, [0x52, 0x49, 0x46, 0x46]) && startsWith(bytes, [0x57, 0x45, 0x42, 0x50], 8)) return 'image/webp';
  return null;
}

/** Whether a file begins as an ELF file does. */
export function isElf(bytes: Uint8Array): boolean {
  return startsWith(bytes, [0x7f, 0x45, 0x4c, 0x46]);
}

/** The files that tell what system an image is (`os-release(5)`). */
export function isOsRelease(path: string): boolean {
  return path === '/etc/os-release' || path === '/usr/lib/os-release';
}

/** The assignments of an `os-release` file, as a shell would read them. */
export function readOsRelease(text: string): [name: string, value: string][] {
  const found: [string, string][] = [];
  for (const line of text.split('\n')) {
    const [, name, value] = /^\s*([^#=\s][^=]*)=(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const [, quote, inner] = /^(["'])(.*)\1$/.exec(value) ?? [];
    found.push([name, quote === undefined ? value : quote === '"' ? (inner ?? '').replace(/\\(.)/g, '$1') : (inner ?? '')]);
  }
  return found;
}

/** Whether a whole text is a JSON object or array; a number or a word is text. */
export function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** How bytes were read as text. */
export type Encoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be' | 'euc-jp' | 'shift_jis' | 'latin-1' | 'binary';

export interface Text {
  readonly encoding: Encoding;
  readonly text: string;
}

const isUtf16 = (bytes: Uint8Array): boolean => startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff]);

/** Whether bytes are not meant to be read as text. */
export function isBinary(bytes: Uint8Array): boolean {
  return !isUtf16(bytes) && bytes.subarray(0, SNIFFED).includes(0);
}

/**
 * Reads bytes as text. `partial`: more bytes follow, so that a character cut at the end is no fault. What is not UTF-8
 * and has no byte order mark is a guess, and says so: Japanese where every byte is, else Latin-1. `encoding.rs` of the
 * core goes by the same rules.
 */
export function readText(bytes: Uint8Array, partial: boolean): Text {
  if (startsWith(bytes, [0xff, 0xfe])) return { encoding: 'utf-16le', text: new TextDecoder('utf-16le').decode(bytes, { stream: partial }) };
  if (startsWith(bytes, [0xfe, 0xff])) return { encoding: 'utf-16be', text: new TextDecoder('utf-16be').decode(bytes, { stream: partial }) };
  if (isBinary(bytes)) return { encoding: 'binary', text: latin1(bytes) };
  const text = decoded(bytes, 'utf-8', partial);
  if (text !== null) return { encoding: startsWith(bytes, [0xef, 0xbb, 0xbf]) ? 'utf-8-bom' : 'utf-8', text };
  for (const encoding of ['euc-jp', 'shift_jis'] as const) {
    const guess = decoded(bytes, encoding, partial);
    if (guess !== null && KANA.test(guess)) return { encoding, text: guess };
  }
  return { encoding: 'latin-1', text: latin1(bytes) };
}

/** No Japanese text is without one, and other bytes seldom make one by chance. */
const KANA = /[\u3041-\u3096\u30a1-\u30fa]/;

/** Null when some bytes are no characters of the encoding. */
function decoded(bytes: Uint8Array, encoding: string, partial: boolean): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: partial });
  } catch {
    return null;
  }
}

/** Every byte as the character of its number. The browser's own `latin1` is windows-1252, which hides C1 controls. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += 8192) text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  return text;
}

export type LineEnd = 'LF' | 'CRLF' | 'CR' | 'mixed' | 'none';

export interface Line {
  /** From 1; null where a long line goes on. */
  readonly number: number | null;
  readonly text: string;
}

export interface Lines {
  readonly lines: readonly Line[];
  readonly end: LineEnd;
}

/** Splits into lines that can be drawn; a lone carriage return ends a line, too. */
export function splitLines(text: string): Lines {
  const lines: Line[] = [];
  let [lf, crlf, cr] = [0, 0, 0];
  let from = 0;
  let number = 1;
  const push = (to: number): void => {
    let start = from;
    let first = true;
    do {
      let stop = Math.min(to, start + LINE_CHARACTERS);
      // Not between the two halves of a character.
      if (stop < to && /[\ud800-\udbff]/.test(text[stop - 1] ?? '')) stop -= 1;
      lines.push({ number: first ? number : null, text: text.slice(start, stop) });
      first = false;
      start = stop;
    } while (start < to);
    number += 1;
  };
  for (const match of text.matchAll(/\r\n|\n|\r/g)) {
    push(match.index);
    from = match.index + match[0].length;
    if (match[0] === '\n') lf += 1;
    else if (match[0] === '\r\n') crlf += 1;
    else cr += 1;
  }
  if (from < text.length || lines.length === 0) push(text.length);
  const kinds = [lf, crlf, cr].filter((count) => count > 0).length;
  return { lines, end: kinds === 0 ? 'none' : kinds > 1 ? 'mixed' : lf > 0 ? 'LF' : crlf > 0 ? 'CRLF' : 'CR' };
}

/** Bytes in one row of the hex view. */
export const HEX_ROW = 16;

/** One row: the bytes in hex, two groups of eight, and the characters that can be shown. */
export function hexRow(bytes: Uint8Array, row: number): { hex: string; ascii: string } {
  const part = bytes.subarray(row * HEX_ROW, (row + 1) * HEX_ROW);
  let hex = '';
  let ascii = '';
  part.forEach((byte, index) => {
    hex += `${index === 0 ? '' : index === 8 ? '  ' : ' '}${byte.toString(16).padStart(2, '0')}`;
    ascii += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
  });
  return { hex, ascii };
}
