/**
 * Makes hostile strings visible. Names, links, labels and instructions come from strangers: a control
 * character, a bidi override or an invisible space in them is shown as an escape, never obeyed, never dropped.
 *
 * Every string that comes from an image passes through here on its way to the screen.
 */
import { html, type TemplateResult } from 'lit';

/** What an escape replaces. */
export interface ShowOptions {
  /** Newlines and tabs stay what they are: for text that is laid out in lines. */
  readonly lines?: boolean;
}

// C0, DEL, C1 and no-break space; soft hyphen; combining grapheme joiner; Arabic letter mark; Hangul fillers; Ogham space;
// invisible Khmer vowels; Mongolian selectors; other spaces, zero-width and directional marks; line separators, embeddings,
// overrides; isolates and invisible operators; braille blank; noncharacters; byte order mark; interlinear annotation;
// lone surrogates (with the `u` flag a pair is one code point and does not match); invisible format characters; tags.
// The ideographic space and emoji selectors stay: they are ordinary in names.
const HIDDEN =
  /[\u0000-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\u{1bca0}-\u{1bca3}\u{1d159}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

const escape = (text: string): string => {
  const point = text.codePointAt(0) ?? 0;
  return point > 0xffff ? `\\u{${point.toString(16)}}` : `\\u${point.toString(16).padStart(4, '0')}`;
};

const kept = (text: string, options?: ShowOptions): boolean => options?.lines === true && (text === '\n' || text === '\t');

/** The string with everything invisible or disruptive written out, as in `\u202e`. */
export function show(text: string, options?: ShowOptions): string {
  return text.replace(HIDDEN, (found) => (kept(found, options) ? found : escape(found)));
}

/** Whether {@link show} would change anything. */
export function isHostile(text: string): boolean {
  return show(text) !== text;
}

/** The same for a template: escapes are marked, and the whole is isolated from the text around it. */
export function shown(text: string, options?: ShowOptions): TemplateResult {
  return html`<bdi>${pieces(text, options)}</bdi>`;
}

/** Plain stretches and marked escapes, in order. */
export function pieces(text: string, options?: ShowOptions): (string | TemplateResult)[] {
  const result: (string | TemplateResult)[] = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (kept(match[0], options)) continue;
    if (match.index > from) result.push(text.slice(from, match.index));
    result.push(html`<span class="esc">${escape(match[0])}</span>`);
    from = match.index + match[0].length;
  }
  if (from < text.length || result.length === 0) result.push(text.slice(from));
  return result;
}
