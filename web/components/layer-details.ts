/** Everything about one layer: its whole instruction, both digests, and where they do not match. */
import { html, nothing, type TemplateResult } from 'lit';
import { bytes, dateTime, percent } from '../format.ts';
import { icon } from '../icons.ts';
import { number, t } from '../i18n.ts';
import type { Model } from '../model.ts';
import type { ErrorView, ImageView, LayerView } from '../protocol.ts';
import { shown } from '../show.ts';
import { measure } from '../stack.ts';
import { errorCard } from './error-card.ts';
import { counts, demand, peculiarity, readAgain } from './layer-card.ts';
import { copyButton, fact, percentRead, plate, seal } from './marks.ts';

/** Checks of a layer that failed, as errors to show. */
export function mismatches(layer: LayerView): { readonly kind: 'digest' | 'diff-id'; readonly error: ErrorView }[] {
  const found: { kind: 'digest' | 'diff-id'; error: ErrorView }[] = [];
  if (layer.digestState === 'mismatch' && layer.digest !== null) {
    found.push({ kind: 'digest', error: { name: 'digest-mismatch', expected: layer.digest, ...(layer.digestFound !== null && { found: layer.digestFound }), text: '' } });
  }
  if (layer.diffIdState === 'mismatch' && layer.diffId !== null) {
    found.push({ kind: 'diff-id', error: { name: 'diff-id-mismatch', expected: layer.diffId, ...(layer.diffIdFound !== null && { found: layer.diffIdFound }), text: '' } });
  }
  return found;
}

export function layerDetails(model: Model, layer: LayerView, image: ImageView, close: () => void): TemplateResult {
  const { instruction } = layer;
  const again = html`<button class="btn main" @click=${(): void => model.retry(layer.number)}>${icon('retry')}${t('layer.read-again', { number: layer.number })}</button>`;
  const step = image.steps.find((each) => each.layer === layer.number);
  const percentDone = percentRead(layer);
  const { share } = measure(layer, image.layers);
  return html`<h2 class="vh">${t('details.of', { path: t('layer', { number: layer.number }) })}</h2>
    <div class="pane-head">${plate(layer.number, image.layers.length)}<h3 class="grow">${t('layer', { number: layer.number })}</h3>
      <button class="icon small only-narrow" aria-label=${t('close')} @click=${close}>${icon('x')}</button></div>
    <div class="scroll" tabindex="0" role="region" aria-label=${t('layer', { number: layer.number })}><div class="detail-body">
      ${mismatches(layer).map(({ kind, error }) => html`<div class="block alarm">${errorCard(model, error, {
        title: t(`mismatch.${kind}`, { number: layer.number }), meaning: t(`mismatch.${kind}-means`), actions: again,
      })}</div>`)}
      ${layer.error === null || layer.state === 'mismatch' ? nothing : html`<div class="block alarm">${errorCard(model, layer.error, { kind: 'warn', actions: layer.state === 'failed' ? again : nothing })}</div>`}
      ${sizeDiffers(model, layer)}
      <div class="block"><header><h3>${t('instruction')}</h3>${instruction === null ? nothing : copyButton(model, instruction.full, t('instruction'))}</header>
        ${instruction === null ? html`<p class="dim">${t('layer.no-instruction')}</p>` : html`<pre class="instruction" tabindex="0">${instruction.keyword === '' ? nothing : html`<span class="kw">${shown(instruction.keyword)}</span> `}${shown(instruction.text, { lines: true })}</pre>
        ${instruction.full === instruction.text || instruction.full === `${instruction.keyword} ${instruction.text}` ? nothing : html`<details class="as-stored"><summary>${t('instruction.stored')}</summary><pre class="instruction" tabindex="0">${shown(instruction.full, { lines: true })}</pre></details>`}`}</div>
      <div class="block"><header><h3>${t('layer.facts')}</h3></header>
        ${peculiarity(layer)}${demand(model, layer)}<dl class="kv">
        ${fact('created', layer.created === null ? null : (dateTime(layer.created) ?? shown(layer.created)), '')}
        ${step?.author == null ? nothing : fact('author', shown(step.author), '')}
        ${step?.comment == null ? nothing : fact('comment', shown(step.comment), '')}
        ${layer.size === null ? nothing : fact('compressed-size', bytes(layer.size), '')}
        ${layer.uncompressedSize === null ? nothing : fact('unpacked-size', html`${bytes(layer.uncompressedSize)} <span class="dim">${t('layer.share-of', { share: percent(share) })}</span>`, '')}
        ${layer.entries === null ? nothing : fact('entries', number(layer.entries), '')}
        ${layer.counts === null ? nothing : fact('changes', counts(layer.counts), '')}
        ${layer.compression === null ? nothing : fact('compression', layer.compression)}
        ${layer.mediaType === null ? nothing : fact('media-type', shown(layer.mediaType))}
        ${layer.urls.length === 0 ? nothing : fact('urls', layer.urls.map((url) => html`<span class="xattr">${shown(url)}</span>`))}
        ${Object.entries(layer.annotations).map(([key, value]) => html`<dt class="mono">${shown(key)}</dt><dd class="mono">${shown(value)}</dd>`)}
      </dl></div>
      <div class="block"><header><h3>${t('layer.digests')}</h3>${layer.state === 'known' ? readAgain(model, layer) : nothing}</header><dl class="kv digests">
        ${identity(model, 'digest', layer.digest, layer.digestFound, seal('digest', layer.digestState, percentDone))}
        ${layer.state === 'not-a-layer' ? nothing : identity(model, 'diff-id', layer.diffId, layer.diffIdFound, seal('diff_id', layer.diffIdState, percentDone))}
        ${layer.chainId === null ? nothing : html`<dt>${t('chain-id')}</dt><dd><span class="val whole"><span>${layer.chainId}</span>${copyButton(model, layer.chainId, t('chain-id'))}</span></dd>`}
      </dl></div>
    </div></div>`;
}

/** The digest that is stated, or else the one of the bytes, with its seal. */
function identity(model: Model, what: 'digest' | 'diff-id', stated: string | null, found: string | null, mark: TemplateResult): TemplateResult {
  const value = stated ?? found;
  return html`<dt class="vh">${t(what)}</dt><dd>${mark}${stated === null && found !== null ? html` <span class="dim">${t('layer.of-bytes')}</span>` : nothing}${value === null ? nothing : html`<span class="val whole"><span>${shown(value)}</span>${copyButton(model, value, t(what))}</span>`}</dd>`;
}

function sizeDiffers(model: Model, layer: LayerView): TemplateResult | typeof nothing {
  if (layer.sizeStated === null || layer.size === null || layer.size === layer.sizeStated || layer.progress !== null) return nothing;
  const error: ErrorView = { name: 'size-mismatch', expected: t('bytes', { n: layer.sizeStated }), found: t('bytes', { n: layer.size }), text: '' };
  return html`<div class="block alarm">${errorCard(model, error)}</div>`;
}
