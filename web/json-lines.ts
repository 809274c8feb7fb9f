/**
 * JSON as lines of coloured tokens, from the text itself: numbers keep all their digits, repeated keys stay, and a
 * document that is not JSON is shown as it is.
 */

export type TokenKind = 'key' | 'string' | 'number' | 'word' | 'mark';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

export interface JsonLine {
  readonly indent: number;
  readonly tokens: readonly Token[];
}

const TOKEN = /\s*(?:("[^"\\\u0000-\u001f]*(?:\\.[^"\\\u0000-\u001f]*)*")|(-?\d[\d.eE+-]*)|(true|false|null)|([{}[\],:]))/y;

/** Null when the text is no sequence of JSON tokens. */
export function tokens(text: string): Token[] | null {
  const found: Token[] = [];
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const match = pattern.exec(text);
    if (match === null) return null;
    const [, string, digits, word, mark] = match;
    if (string !== undefined) found.push({ kind: 'string', text: string });
    else if (digits !== undefined) found.push({ kind: 'number', text: digits });
    else if (word !== undefined) found.push({ kind: 'word', text: word });
    else if (mark !== undefined) found.push({ kind: 'mark', text: mark });
  }
  return found;
}

/** Laid out with two spaces a level, empty objects and arrays on one line. Null when it is not JSON. */
export function layOut(text: string): JsonLine[] | null {
  const all = tokens(text);
  if (all === null) return null;
  const lines: JsonLine[] = [];
  let indent = 0;
  let line: Token[] = [];
  const flush = (): void => {
    if (line.length > 0) lines.push(...broken({ indent, tokens: line }));
    line = [];
  };
  all.forEach((token, index) => {
    const next = all[index + 1];
    const opens = token.kind === 'mark' && (token.text === '{' || token.text === '[');
    const closes = token.kind === 'mark' && (token.text === '}' || token.text === ']');
    const before = all[index - 1];
    const empty = closes && before?.kind === 'mark' && (before.text === '{' || before.text === '[');
    if (closes && !empty) {
      flush();
      indent = Math.max(0, indent - 1);
    }
    line.push(token.kind === 'string' && next?.text === ':' && next.kind === 'mark' ? { kind: 'key', text: token.text } : token.text === ':' && token.kind === 'mark' ? { kind: 'mark', text: ': ' } : token);
    const nextCloses = next?.kind === 'mark' && (next.text === '}' || next.text === ']');
    if (opens && !nextCloses) {
      flush();
      indent += 1;
    }
    if (token.kind === 'mark' && token.text === ',') flush();
  });
  flush();
  return lines;
}

/** Characters in one line; a longer string goes on in the next one, because browsers lay out long lines slowly. */
const LINE_CHARACTERS = 2000;

function broken(line: JsonLine): JsonLine[] {
  if (line.tokens.every(({ text }) => text.length <= LINE_CHARACTERS)) return [line];
  const lines: JsonLine[] = [];
  let tokens: Token[] = [];
  for (const { kind, text } of line.tokens) {
    for (let from = 0; from < text.length; from += LINE_CHARACTERS) {
      if (from > 0) {
        lines.push({ indent: line.indent, tokens });
        tokens = [];
      }
      tokens.push({ kind, text: text.slice(from, from + LINE_CHARACTERS) });
    }
  }
  lines.push({ indent: line.indent, tokens });
  return lines;
}
