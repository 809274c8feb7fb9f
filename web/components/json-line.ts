/** One line of a JSON document that is laid out. */
import { html, type TemplateResult } from 'lit';
import type { JsonLine, Token } from '../json-lines.ts';
import { pieces } from '../show.ts';
import { vars } from './part.ts';

/** Where a digest leads. */
export interface Lead {
  /** What it leads to. */
  readonly text: string;
  readonly go: () => void;
}

const DIGEST = /^"((?:sha256|sha512):[0-9a-f]{64,128})"$/;

/** `leadOf` tells where a digest leads, if it leads anywhere. */
export function jsonLine(line: JsonLine | undefined, index: number, leadOf?: (digest: string) => Lead | null): TemplateResult {
  const draw = ({ kind, text }: Token): TemplateResult => {
    const digest = kind === 'string' ? DIGEST.exec(text)?.[1] : undefined;
    const lead = digest === undefined ? null : (leadOf?.(digest) ?? null);
    if (lead === null) return html`<span class="j-${kind}">${pieces(text)}</span>`;
    return html`<button class="j-link" title=${lead.text} aria-label="${text.slice(1, 20)}…: ${lead.text}" @click=${lead.go}>${text}</button>`;
  };
  return html`<span>${index + 1}</span><span ${vars({ '--in': line?.indent ?? 0 })}>${line?.tokens.map(draw)}</span>`;
}
