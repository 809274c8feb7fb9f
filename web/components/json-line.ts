/** One line of a JSON document that is laid out. */
import { html, type TemplateResult } from 'lit';
import type { JsonLine } from '../json-lines.ts';
import { pieces } from '../show.ts';
import { vars } from './part.ts';

export function jsonLine(line: JsonLine | undefined, index: number): TemplateResult {
  return html`<span>${index + 1}</span><span ${vars({ '--in': line?.indent ?? 0 })}>${line?.tokens.map(({ kind, text }) => html`<span class="j-${kind}">${pieces(text)}</span>`)}</span>`;
}
