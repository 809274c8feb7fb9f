/** All work by itself: what each layer has of its bytes, how fast they come, and how to stop or repeat it. */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { bytes, bytesOf, rate, timeLeft } from '../format.ts';
import { icon } from '../icons.ts';
import { t, tn } from '../i18n.ts';
import { isSettled } from '../progress.ts';
import type { ImageView, LayerView } from '../protocol.ts';
import { show } from '../show.ts';
import { errorTitle } from './error-card.ts';
import { instructionText } from './layer-card.ts';
import { Part, vars } from './part.ts';

/** Dispatches `close`. */
export class WorkTray extends Part {
  protected override readonly hears = ['change', 'progress'] as const;

  override render(): TemplateResult {
    const { model } = this;
    const { image, meter } = model;
    if (image === null) return html``;
    const work = meter.work;
    const said = [
      work === null || work.running.length === 0 ? null : tn('work.running', work.running.length),
      work === null || work.waiting === 0 ? null : tn('work.waiting', work.waiting),
      work === null || work.failed.length === 0 ? null : tn('work.failed', work.failed.length),
    ].filter((each) => each !== null);
    const figures = [meter.rate === null ? null : rate(meter.rate), meter.left === null ? null : timeLeft(meter.left)].filter((each) => each !== null);
    return html`<section class="card tray" aria-labelledby="work-h" tabindex="-1" @keydown=${this.#key}><header><h2 id="work-h">${said.length === 0 ? t('work.done') : said.join(t('comma'))}</h2>
        ${meter.busy ? html`<span class="aside">${figures.join(t('comma'))}</span><button class="btn small" @click=${(): void => model.cancel()}>${t('work.cancel-all')}</button>` : nothing}
        <button class="icon small" aria-label=${t('close')} title=${t('close')} @click=${this.#close}>${icon('x')}</button></header>
      <ul class="jobs" tabindex="0" aria-labelledby="work-h">${[...listed(image)].map((layer) => this.#job(layer))}</ul></section>`;
  }

  #job(layer: LayerView): TemplateResult {
    const { model } = this;
    const { number, state, progress, size } = layer;
    const text = `${layer.instruction?.keyword ?? ''} ${instructionText(layer)}`.trim();
    const title = html`<span class="what">${t('layer', { number })} <code title=${show(text)}>${show(text)}</code></span>`;
    const act = (label: string, run: () => void, sign: 'x' | 'retry'): TemplateResult => html`<button class="icon small end2" aria-label=${label} title=${label} @click=${run}>${icon(sign)}</button>`;
    if (state === 'verifying') {
      const meter = model.meterOf(number);
      const total = progress?.total ?? size;
      const share = progress === null || total === null || total === 0 ? null : Math.min(1, progress.read / total);
      const facts = [
        progress === null ? null : total === null ? bytes(progress.read) : bytesOf(progress.read, total), meter?.rate == null ? null : rate(meter.rate), meter?.left == null ? null : timeLeft(meter.left),
        progress === null || progress.entries === 0 ? null : tn('work.entries', progress.entries),
      ].filter((each) => each !== null);
      return html`<li><span class="run">${icon('half')}</span>${title}<span class="bar" role="progressbar" aria-label=${t('layer', { number })} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${share === null ? nothing : Math.floor(share * 100)} ${vars({ '--p': ((share ?? 0) * 100).toFixed(1) })}><i></i></span>
        <small>${facts.join(t('comma'))}</small>${act(t('work.cancel', { number }), () => model.cancelLayer(layer), 'x')}</li>`;
    }
    const again = act(t('layer.read-again', { number }), () => model.retry(number), 'retry');
    if (state === 'failed' || state === 'mismatch') {
      const why = layer.error === null ? t(`state.${state}`) : errorTitle(layer.error);
      const at = progress !== null && size !== null ? `${t('comma')}${bytesOf(progress.read, size)}` : '';
      return html`<li><span class="ill">${icon('bad')}</span>${title}<small>${why}${at}</small>${again}</li>`;
    }
    if (isSettled(layer) && layer.onDemand !== true) return html`<li><span class=${state === 'verified' ? 'good' : 'dim'}>${icon(state === 'verified' ? 'check' : 'ring')}</span>${title}<small>${t(`state.${state}`)}${size === null ? '' : `${t('comma')}${bytes(size)}`}</small>${state === 'known' ? again : nothing}</li>`;
    return html`<li><span class="dim">${icon('ring')}</span>${title}<small>${layer.onDemand === true ? t('layer.on-demand', { size: bytes(size ?? 0) }) : t(model.stopped ? 'work.stopped' : 'work.waits')}</small>${layer.onDemand === true || model.stopped ? again : nothing}</li>`;
  }

  protected override firstUpdated(_changed: PropertyValues<this>): void {
    this.querySelector<HTMLElement>('.tray')?.focus();
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    this.#close();
  }

  #close(): void {
    this.dispatchEvent(new CustomEvent('close'));
  }
}

/** What runs first, then what failed, then what waits, then what is done; the newest layer first in each. */
function listed({ layers }: ImageView): LayerView[] {
  const rank = ({ state, onDemand }: LayerView): number => (state === 'verifying' ? 0 : state === 'failed' || state === 'mismatch' ? 1 : state === 'pending' || onDemand === true ? 2 : 3);
  return [...layers].sort((a, b) => rank(a) - rank(b) || b.number - a.number);
}

customElements.define('work-tray', WorkTray);
