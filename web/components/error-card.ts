/** An error as a card: what happened, what it means, where, expected, found, its stable name, and the next step. */
import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../icons.ts';
import { lookup, t } from '../i18n.ts';
import type { Model } from '../model.ts';
import type { ErrorView } from '../protocol.ts';
import { pieces, show, shown } from '../show.ts';
import { command, fact } from './marks.ts';

/** One sentence for an error, in the visitor's language where the catalogue has one. */
export function errorTitle(error: ErrorView): string {
  const { at = '', expected = '', found = '' } = error;
  return show(lookup(`error.${error.name}`, { at, expected, found }) ?? error.text);
}

/** The command that a refusal of the gateway suggests, if it is one. */
function allowCommand(error: ErrorView): string | null {
  const stated = [error.found, error.expected, error.at].find((text) => text?.startsWith('layerscope serve ') === true);
  if (stated !== undefined) return stated;
  if (error.name !== 'host-not-allowed') return null;
  const host = [error.at, error.found].find((text) => text !== undefined && /^[\w.-]+(:\d+)?$/.test(text));
  return host === undefined ? null : `layerscope serve --allow-registry ${host}`;
}

export interface ErrorCardOptions {
  /** In place of the catalogue's sentence. */
  readonly title?: string | undefined;
  /** The title is a heading of the second level, not of the third: the card stands alone. */
  readonly alone?: boolean;
  /** What the user can do, first the most likely. */
  readonly actions?: TemplateResult | typeof nothing;
  readonly kind?: 'bad' | 'warn';
  /** More facts for the list. */
  readonly facts?: TemplateResult | typeof nothing;
  /** Says what the error means, in place of the catalogue's sentence. */
  readonly meaning?: string;
}

export function errorCard(model: Model, error: ErrorView, options: ErrorCardOptions = {}): TemplateResult {
  const { kind = 'bad', actions = nothing, facts = nothing } = options;
  const title = options.title ?? errorTitle(error);
  const meaning = options.meaning ?? lookup(`meaning.${error.name}`);
  const run = allowCommand(error);
  const technical = show(error.text);
  return html`<article class="card err is-${kind}" data-error=${error.name}>
    <div class="say ${kind}">${icon(kind === 'bad' ? 'bad' : 'alert')}${options.alone === true ? html`<h2>${title}</h2>` : html`<h3>${title}</h3>`}
      ${meaning === null ? nothing : html`<p>${meaning}</p>`}
      ${technical === title || technical === '' || technical === error.name ? nothing : html`<p class="technical">${technical}</p>`}
    </div>
    <dl class="kv">
      ${run === null && error.at !== undefined ? fact('error-card.where', shown(error.at)) : nothing}
      ${error.expected === undefined ? nothing : fact('error-card.expected', difference(error.expected, error.found, 'want'))}
      ${run !== null || error.found === undefined ? nothing : fact('error-card.found', difference(error.found, error.expected, ''))}
      ${facts}
      ${fact('error-card.name', html`<span class="tag mono">${error.name}</span>`, '')}
    </dl>
    ${run === null ? nothing : html`<div class="next">${command(model, run)}</div>`}
    ${actions === nothing && !isPair(error) ? nothing : html`<div class="acts">${actions}${copyBoth(model, error)}</div>`}
  </article>`;
}

function isPair(error: ErrorView): boolean {
  return error.expected !== undefined && error.found !== undefined && error.expected.includes(':');
}

function copyBoth(model: Model, error: ErrorView): TemplateResult | typeof nothing {
  if (!isPair(error)) return nothing;
  const text = `expected ${error.expected}\nfound    ${error.found}\n`;
  return html`<button class="btn" @click=${(): void => void model.copy(text, t('error-card.both'))}>${icon('copy')}${t('error-card.copy-both')}</button>`;
}

/** A value with the part marked in which it differs: for digests, the first eight digits are enough to see. */
export function difference(value: string, other: string | undefined, kind: 'want' | ''): TemplateResult {
  const colon = value.indexOf(':') + 1;
  const same = other?.slice(0, colon) === value.slice(0, colon) && other !== value && /^[a-z0-9]+:[0-9a-f]{32,}$/.test(value);
  if (!same) return shown(value);
  return html`<span class="hex ${kind}">${value.slice(0, colon)}<mark>${value.slice(colon, colon + 8)}</mark>${pieces(value.slice(colon + 8))}</span>`;
}
