/** The history of the config, newest first, with the layer that each step made. */
import { html, nothing, type TemplateResult } from 'lit';
import { bytes, dateTime } from '../format.ts';
import { t, tn } from '../i18n.ts';
import type { ImageView, StepView } from '../protocol.ts';
import { show, shown } from '../show.ts';
import { counts } from './layer-card.ts';
import { pair, plate } from './marks.ts';
import { Part } from './part.ts';

export class HistoryView extends Part {
  override render(): TemplateResult {
    const { image } = this.model;
    if (image === null) return html``;
    const told = new Set(image.steps.map(({ layer }) => layer));
    const untold = image.layers.filter(({ number }) => !told.has(number));
    return html`<section class="card" aria-labelledby="h-h"><header><h2 id="h-h">${t('tab.history')}</h2><span class="aside">${tn('stack.steps', image.steps.length)}${t('comma')}${tn('stack.layers', image.layers.length)}</span></header>
      <div class="body">
        ${image.steps.length === 0 ? html`<p class="mid-ink">${t('history.none')}</p>` : html`<div class="over" tabindex="0" role="group" aria-label=${t('tab.history')}><table class="tbl history"><thead><tr>
          <th scope="col">${t('column.by')}</th><th scope="col">${t('instruction')}</th><th scope="col" class="end">${t('compressed-size')}</th><th scope="col" class="end hide-xs">${t('unpacked-size')}</th>
          <th scope="col" class="hide-xs">${t('changes')}</th><th scope="col" class="hide-xs">${t('created')}</th><th scope="col"><span class="vh">${t('recent.digests')}</span></th></tr></thead>
          <tbody>${[...image.steps].reverse().map((step) => this.#row(step, image))}</tbody></table></div>`}
        ${untold.length === 0 || image.steps.length === 0 ? nothing : html`<p class="mid-ink lead-in">${t('history.untold', { layers: untold.map(({ number }) => String(number)).join(t('comma')) })}</p>`}
      </div></section>`;
  }

  #row(step: StepView, image: ImageView): TemplateResult {
    const { model } = this;
    const layer = step.layer === null ? undefined : image.layers[step.layer];
    const { keyword, text, full } = step.instruction;
    const said = [step.author, step.comment].filter((each) => each !== null && each !== '');
    return html`<tr class=${layer === undefined ? 'quiet' : ''}>
      <td>${layer === undefined ? html`<span class="plate none"><span class="vh">${t('step.config-only')}</span></span>` : html`<button class="plain" aria-label=${t('layer', { number: layer.number })} @click=${(): void => model.look({ tab: 'files', layer: layer.number, scope: 'layer', path: null })}>${plate(layer.number, image.layers.length)}</button>`}</td>
      <td class="what"><code title=${show(full)}>${keyword === '' ? nothing : html`<span class="kw">${shown(keyword)}</span> `}${shown(text)}</code>${said.length === 0 ? nothing : html`<small>${shown(said.join(' · '))}</small>`}</td>
      <td class="end nowrap">${layer?.size == null ? html`<span class="dim">${layer === undefined ? t('step.config-only') : '–'}</span>` : bytes(layer.size)}</td>
      <td class="end nowrap hide-xs">${layer?.uncompressedSize == null ? nothing : bytes(layer.uncompressedSize)}</td>
      <td class="hide-xs">${layer?.counts == null ? nothing : counts(layer.counts)}</td>
      <td class="hide-xs nowrap dim">${step.created === null ? nothing : (dateTime(step.created) ?? shown(step.created))}</td>
      <td>${layer === undefined ? nothing : pair(layer.digestState, layer.diffIdState)}</td></tr>`;
  }
}

customElements.define('history-view', HistoryView);
