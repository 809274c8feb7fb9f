/** Small marks that say one thing everywhere: seals, plates, signs, cores, values to copy. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { shortDigest } from '../format.ts';
import { icon, type IconName } from '../icons.ts';
import { number, t, type Key } from '../i18n.ts';
import type { Model } from '../model.ts';
import type { ChangeKind, LayerView, SealState } from '../protocol.ts';
import { shown } from '../show.ts';
import { rove } from './keys.ts';
import { vars } from './part.ts';

const SEAL_ICON: Readonly<Record<SealState, IconName>> = {
  pending: 'ring', verifying: 'half', verified: 'check', known: 'ring', mismatch: 'x', 'not-stated': 'info', unchecked: 'ring',
};

/** How far a layer's reading is, in whole percent; null while its size is unknown. */
export function percentRead({ progress, size }: LayerView): number | null {
  const total = progress?.total ?? size;
  return progress === null || total === null || total === 0 ? null : Math.min(99, Math.floor((progress.read / total) * 100));
}

/** Bars where rows will be, as wide as these parts of a hundred. */
export function skeleton(widths: readonly number[]): TemplateResult {
  return html`<div class="skeleton" role="status" aria-label=${t('reading')}>${widths.map((width) => html`<i ${vars({ '--w': width })}></i>`)}</div>`;
}

/** The state of one digest. `open` makes a mismatch a button that leads to the detail. */
export function seal(what: 'digest' | 'diff_id', state: SealState, percent: number | null, open?: () => void): TemplateResult {
  const word = t(`seal.${state}`);
  if (state === 'verifying') {
    const progress = percent ?? undefined;
    return html`<span class="seal verifying" role="progressbar" aria-label="${what} ${word}" aria-valuenow=${progress ?? nothing} aria-valuemin="0" aria-valuemax="100" ${vars({ '--p': percent ?? 0 })}
      >${icon('half')}${what}${percent === null ? nothing : html` ${number(percent)} %`}</span>`;
  }
  if (state === 'mismatch') {
    const inside = html`${icon('x')}${what} ${word}`;
    return open === undefined ? html`<span class="seal mismatch">${inside}</span>` : html`<button class="seal mismatch act" @click=${open}>${inside}${icon('right')}</button>`;
  }
  const silent = state === 'verified' || state === 'pending';
  return html`<span class="seal ${state}">${icon(SEAL_ICON[state])}${what} <span class=${silent ? 'vh' : ''}>${word}</span></span>`;
}

/** Whether a document is what its digest says. */
export function blobSeal(ok: boolean | null): TemplateResult {
  if (ok === null) return html`<span class="seal not-stated">${icon('info')}${t('seal.not-stated')}</span>`;
  return ok ? html`<span class="seal verified">${icon('check')}${t('seal.verified')}</span>` : html`<span class="seal mismatch">${icon('x')}${t('seal.mismatch')}</span>`;
}

const PLATES = ['M8 2 14.5 4.9 8 7.8 1.5 4.9z', 'M8 8.2 14.5 11.1 8 14 1.5 11.1z'] as const;
const PLATE_CLASS: Readonly<Record<SealState, string>> = {
  pending: 'wait', verifying: 'run-mark', verified: 'ok', known: 'none', mismatch: 'bad', 'not-stated': 'none', unchecked: 'wait',
};

/** Both digests of a layer for tight places: digest above, diff_id below. */
export function pair(digest: SealState, diffId: SealState): TemplateResult {
  const label = t('pair', { digest: t(`seal.${digest}`), diff: t(`seal.${diffId}`) });
  return html`<svg class="pair" viewBox="0 0 16 16" role="img" aria-label=${label}><path class=${PLATE_CLASS[digest]} d=${PLATES[0]}></path><path class=${PLATE_CLASS[diffId]} d=${PLATES[1]}></path></svg>`;
}

/** A layer's number on its colour: from 0, the oldest, as the command line counts. */
export function plate(layer: number, total: number, text: string | TemplateResult = number(layer)): TemplateResult {
  return html`<span class="plate stratum" ${vars({ '--i': layer + 1, '--n': total })}>${text}</span>`;
}

const SIGN: Readonly<Record<Exclude<ChangeKind, 'unchanged'>, string>> = { added: '+', modified: '~', removed: '−', metadata: '@' };

/** The sign of a change with its word for those who do not see it. */
export function sign(change: ChangeKind, within = false): TemplateResult | typeof nothing {
  if (change === 'unchanged') {
    if (!within) return nothing;
    return html`<span class="sign modified within" title=${t('change.within')}><span aria-hidden="true">~</span><span class="vh">${t('change.within')}</span></span>`;
  }
  const word = t(`change.${change}`);
  return html`<span class="sign ${change}" title=${word}><span aria-hidden="true">${SIGN[change]}</span><span class="vh">${word}</span></span>`;
}

/** The sign alone, for counts. */
export function signOf(change: Exclude<ChangeKind, 'unchanged'>): string {
  return SIGN[change];
}

/** Any length split by layer: `share` in percent of the whole. */
export function coreBar(segments: readonly { layer: number; share: number; gone?: boolean }[], total: number): TemplateResult {
  return html`<span class="core-h" aria-hidden="true"
    >${segments.map(({ layer, share, gone }) => html`<i class="stratum ${gone === true ? 'gone' : ''}" ${vars({ '--i': layer + 1, '--n': total, '--w': share.toFixed(2) })}></i>`)}</span>`;
}

/** A digest, shortened, with a button that copies all of it. */
export function digestValue(model: Model, what: string, digest: string): TemplateResult {
  return html`<span class="val"><span title=${digest}>${shortDigest(digest)}</span>${copyButton(model, digest, what)}</span>`;
}

/** A button that copies. `what` names it: "digest". */
export function copyButton(model: Model, text: string, what: string): TemplateResult {
  const label = t('copy-what', { what });
  return html`<button class="icon small act" aria-label=${label} title=${label} @click=${(): void => void model.copy(text, what)}>${icon('copy')}</button>`;
}

/** A command to copy into a terminal. */
export function command(model: Model, text: string): TemplateResult {
  return html`<div class="cmd"><code><i aria-hidden="true">$ </i>${shown(text)}</code>${copyButton(model, text, t('command'))}</div>`;
}

export interface Option<T extends string> {
  readonly value: T;
  readonly text: string;
}

/** One of a few, all in sight: a radio group. */
export function segmented<T extends string>(label: string, options: readonly Option<T>[], value: T, choose: (value: T) => void, kind = ''): TemplateResult {
  return html`<div class="seg ${kind}" role="radiogroup" aria-label=${label} @keydown=${(event: KeyboardEvent): void => rove(event, '[role=radio]')}>
    ${options.map(
      (option) => html`<button role="radio" aria-checked=${option.value === value} tabindex=${option.value === value ? 0 : -1} @click=${(): void => choose(option.value)}>${option.text}</button>`,
    )}
  </div>`;
}

/** A pair of a term and what it is; nothing when there is nothing to say. */
export function fact(term: Key, value: unknown, kind = 'mono'): TemplateResult | typeof nothing {
  if (value === null || value === undefined || value === '') return nothing;
  return html`<dt>${t(term)}</dt><dd class=${kind}>${value}</dd>`;
}

/** The same, where absence is worth a word. */
export function factOr(term: Key, value: unknown, absent: Key, kind = 'mono'): TemplateResult | typeof nothing {
  const empty = value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
  return empty ? fact(term, t(absent), 'dim') : fact(term, value, kind);
}

/** The product's mark: three plates, in any colour scheme. */
export function mark(): TemplateResult {
  const plates = ['m11 11.5 9.5 4.2L11 20l-9.5-4.3z', 'm11 6.7 9.5 4.2-9.5 4.3-9.5-4.3z', 'm11 1.2 9.5 4.2L11 9.7 1.5 5.4z'];
  return html`<svg viewBox="0 0 22 22" aria-hidden="true">${plates.map((d, index) => svg`<path class="stratum" d=${d} ${vars({ '--i': index + 1, '--n': 3 })}></path>`)}</svg>`;
}
