/** One layer of the stack: what made it, how large it is, what it changed, and whether its bytes are the right ones. */
import { html, nothing, type TemplateResult } from 'lit';
import { bytes, percent } from '../format.ts';
import { icon } from '../icons.ts';
import { number, t } from '../i18n.ts';
import type { Model } from '../model.ts';
import type { Counts, LayerView } from '../protocol.ts';
import { show, shown } from '../show.ts';
import { madeAt, measure } from '../stack.ts';
import { errorTitle } from './error-card.ts';
import { digestValue, fact, pair, percentRead, seal, signOf } from './marks.ts';
import { vars } from './part.ts';

const COUNTED = ['added', 'modified', 'metadata', 'removed'] as const;

/** How many entries a layer changed, by kind. */
export function counts(each: Counts): TemplateResult {
  const some = COUNTED.filter((kind) => each[kind] > 0);
  if (some.length === 0) return html`<div class="delta"><span class="dim">${t('layer.changes-nothing')}</span></div>`;
  return html`<div class="delta">${some.map((kind) => html`<span class=${kind} title="${number(each[kind])} ${t(`change.${kind}`)}"><span aria-hidden="true">${signOf(kind)}</span><span class="vh">${t(`change.${kind}`)} </span>${number(each[kind])}</span>`)}</div>`;
}

/** The instruction in one string, as a person would write it. */
export function instructionText(layer: LayerView): string {
  return layer.instruction?.text ?? t('layer.no-instruction');
}

/** Layers that are not ordinary say so in words. */
export function peculiarity(layer: LayerView): TemplateResult | typeof nothing {
  switch (layer.state) {
    case 'foreign': {
      const hosts = [...new Set(layer.urls.map(hostOf))].join(', ');
      return html`<div class="say2"><span class="tag">${t('layer.foreign')}</span> ${t('layer.foreign-why', { hosts: show(hosts) })}</div>`;
    }
    case 'absent':
      return html`<div class="say2"><span class="tag">${t('layer.absent')}</span> ${t('layer.absent-why')}</div>`;
    case 'not-a-layer':
      return html`<div class="say2"><span class="tag info">${t('layer.not-a-layer')}</span> <code>${shown(layer.mediaType ?? '')}</code></div>`;
    default:
      if (layer.preview === true) return html`<div class="say2"><span class="tag info">${t('layer.preview')}</span>${layer.table === undefined ? nothing : html` ${source(layer.table)}`}</div>`;
      if (layer.onDemand === true) return html`<div class="say2">${t('layer.on-demand', { size: bytes(layer.size ?? 0) })}</div>`;
      return layer.entries === 0 ? html`<div class="say2">${t('layer.empty')}</div>` : nothing;
  }
}

/** What the files of a preview are from, and who vouches for that. */
function source({ format, authenticated, fetched }: NonNullable<LayerView['table']>): string {
  const size = bytes(fetched);
  return authenticated ? t('preview.checked', { format, size }) : t('preview.unchecked', { format, size });
}

/** A layer that nobody asked for can be asked for. */
export function demand(model: Model, layer: LayerView): TemplateResult | typeof nothing {
  if (layer.onDemand !== true) return nothing;
  return html`<div class="demand"><button class="btn small act" @click=${(): void => model.retry(layer.number)}>${icon('shield')}${t('layer.read', { size: bytes(layer.size ?? 0) })}</button></div>`;
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

/** Classes by which an unusual layer looks like what it is. */
export function shape(layer: LayerView): string {
  if (layer.state === 'foreign' || layer.state === 'absent') return 'shut';
  if (layer.state === 'not-a-layer' || layer.entries === 0) return 'void';
  return layer.state === 'mismatch' || layer.state === 'failed' ? 'bad' : '';
}

function hasSeals(layer: LayerView): boolean {
  return layer.state !== 'foreign' && layer.state !== 'absent';
}

export interface LayerCardOptions {
  readonly selected: boolean;
  readonly compact: boolean;
  select(): void;
  /** Shows everything about the layer: expected and found digests, the whole instruction. */
  detail(): void;
}

export function layerCard(model: Model, layer: LayerView, layers: readonly LayerView[], options: LayerCardOptions): TemplateResult {
  const { selected, compact } = options;
  const folded = compact && !selected;
  const time = madeAt(layer.created, layers);
  const text = instructionText(layer);
  return html`<li class="layer stratum ${shape(layer)} ${folded ? 'folded' : ''}" ${vars({ '--i': layer.number + 1 })} data-layer=${layer.number}
      data-digest=${layer.digest ?? layer.digestFound ?? layer.diffId ?? ''} data-state=${layer.state} aria-current=${selected ? 'true' : nothing}>
    <div class="who"><span class="num">${number(layer.number)}</span><span>${shown(layer.instruction?.keyword ?? '')}</span>
      ${folded ? html`<span class="tail">${layer.size === null ? nothing : bytes(layer.size)}${pair(layer.digestState, layer.diffIdState)}</span>` : time === null ? nothing : html`<time datetime=${layer.created ?? ''}>${time}</time>`}</div>
    <button class="ins" title=${show(layer.instruction?.full ?? text)} @click=${options.select}><span class="vh">${t('layer', { number: layer.number })}: </span>${shown(text)}</button>
    ${folded ? nothing : body(model, layer, layers, options)}
  </li>`;
}

function body(model: Model, layer: LayerView, layers: readonly LayerView[], options: LayerCardOptions): TemplateResult {
  const percentDone = percentRead(layer);
  return html`${layer.size === null && layer.uncompressedSize === null ? nothing : sizes(layer, layers)}
    ${layer.counts === null || layer.entries === 0 ? nothing : counts(layer.counts)}
    ${peculiarity(layer)}
    ${demand(model, layer)}
    ${layer.state === 'failed' && layer.error !== null ? failure(model, layer) : nothing}
    ${hasSeals(layer)
      ? html`<div class="seals">${seal('digest', layer.digestState, percentDone, options.detail)}${layer.state === 'not-a-layer' ? nothing : seal('diff_id', layer.diffIdState, percentDone, options.detail)}</div>`
      : nothing}
    ${layer.state === 'known' ? readAgain(model, layer) : nothing}
    ${layer.hidesBytes !== null && layer.hidesBytes > 0 ? html`<div class="waste">${icon('alert')}<span>${t('layer.hides', { size: bytes(layer.hidesBytes) })}</span></div>` : nothing}
    ${options.selected ? html`<div class="more"><dl class="kv">
      ${layer.digest === null ? nothing : fact('digest', digestValue(model, t('digest'), layer.digest), '')}
      ${layer.diffId === null ? nothing : fact('diff-id', digestValue(model, t('diff-id'), layer.diffId), '')}
      ${layer.chainId === null ? nothing : fact('chain-id', digestValue(model, t('chain-id'), layer.chainId), '')}
    </dl><button class="text-btn act" @click=${options.detail}>${t('layer.details')}</button></div>` : nothing}`;
}

function sizes(layer: LayerView, layers: readonly LayerView[]): TemplateResult {
  const { unpacked, compressed, share } = measure(layer, layers);
  return html`<div class="size">
    <span><b>${layer.size === null ? '–' : bytes(layer.size)}</b><span class="vh"> ${t('compressed')}</span></span>
    <span><b>${layer.uncompressedSize === null ? '–' : bytes(layer.uncompressedSize)}</b><span class="vh"> ${t('unpacked')}</span></span>
    <span class="pct">${percent(share)}<span class="vh"> ${t('layer.share')}</span></span>
    <span class="bullet" aria-hidden="true" ${vars({ '--u': unpacked.toFixed(1), '--c': compressed.toFixed(1) })}><i></i><i></i></span></div>`;
}

/** What is known from before becomes verified when it is read. */
export function readAgain(model: Model, layer: LayerView): TemplateResult {
  return html`<button class="text-btn act" @click=${(): void => model.retry(layer.number)}>${t('layer.read-again', { number: layer.number })}</button>`;
}

function failure(model: Model, layer: LayerView): TemplateResult {
  return html`<div class="failure"><span>${icon('bad')}${layer.error === null ? t('layer.failed') : errorTitle(layer.error)}</span>
    <button class="btn small act" @click=${(): void => model.retry(layer.number)}>${icon('retry')}${t('retry')}</button></div>`;
}
