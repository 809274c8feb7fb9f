/** The layer stack: a core that is true to scale, cards that can be read, and a projection that joins the two. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { bytes } from '../format.ts';
import { icon } from '../icons.ts';
import { number, t, tn } from '../i18n.ts';
import type { ImageView, LayerView } from '../protocol.ts';
import { show, shown } from '../show.ts';
import { arrange, COMPACT_FROM, weight, type Item } from '../stack.ts';
import { layerCard, instructionText } from './layer-card.ts';
import { coreBar, pair, skeleton } from './marks.ts';
import { Painter } from './painter.ts';
import { Part, vars } from './part.ts';

export class LayerStack extends Part {
  protected override readonly hears = ['change', 'progress'] as const;
  #drawn = '';
  #shown: number | null = null;
  readonly #painter = new Painter(() => this.#project());

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#painter.stop();
  }

  override render(): TemplateResult {
    const { image } = this.model;
    if (image === null) return html`<div class="pane-head"><h2>${t('layers')}</h2></div>${skeleton([34, 52, 41])}`;
    const items = arrange(image.layers, image.steps);
    const compact = image.layers.length >= COMPACT_FROM;
    const steps = items.filter(({ kind }) => kind === 'step').length;
    return html`<div class="pane-head"><h2>${t('layers')}</h2><span class="grow"></span>
        <span class="legend stratum" ${vars({ '--i': 2 })} aria-hidden="true"><span>${t('compressed')}</span><span>${t('unpacked')}</span></span></div>
      <div class="scroll" tabindex="0" role="group" aria-label=${t('layers')}><div class="stack-body">
        <div class="core-v" aria-hidden="true">${[...image.layers].reverse().map((layer) => html`<i class="stratum ${layer.state === 'pending' || layer.state === 'verifying' ? 'open' : ''}" data-layer=${layer.number} ${vars({ '--i': layer.number + 1, '--w': Math.max(1, weight(layer)) })}></i>`)}</div>
        <svg class="proj" aria-hidden="true">${[...image.layers].reverse().map((layer) => svg`<path class="stratum" data-layer=${layer.number} ${vars({ '--i': layer.number + 1 })}></path>`)}</svg>
        <ol class="layers" reversed>${repeat(items, keyOf, (item) => this.#item(item, image, compact))}</ol>
      </div></div>
      <div class="stack-foot"><div><span>${tn('stack.layers', image.layers.length)}${steps === 0 ? nothing : html`${t('comma')}${tn('stack.steps', steps)}`}</span>${this.#reclaimable(image)}</div></div>
      ${this.#strip(image)}`;
  }

  #item(item: Item, image: ImageView, compact: boolean): TemplateResult {
    if (item.kind === 'step') {
      const { text, keyword, full } = item.step.instruction;
      return html`<li class="step" title=${show(full)}>${icon('key', 's')}<code>${shown(`${keyword} ${text}`.trim())}</code><span>${t('step.config-only')}</span></li>`;
    }
    const { layer } = item;
    return layerCard(this.model, layer, image.layers, {
      selected: layer.number === this.model.layer?.number,
      compact,
      select: () => this.#select(layer),
      detail: () => this.#detail(layer),
    });
  }

  #reclaimable(image: ImageView): TemplateResult | typeof nothing {
    const { reclaimableBytes } = image.totals;
    if (reclaimableBytes === null) return nothing;
    return html`<span><button class="text-btn" @click=${(): void => this.model.look({ tab: 'waste' })}>${t('reclaimable')}</button> <b>${bytes(reclaimableBytes)}</b></span>`;
  }

  #strip({ layers }: ImageView): TemplateResult {
    const total = layers.reduce((sum, layer) => sum + weight(layer), 0) || 1;
    const newest = [...layers].reverse();
    return html`<div class="strip">${coreBar(newest.map((layer) => ({ layer: layer.number, share: (weight(layer) / total) * 100 })), layers.length)}
      <ol>${newest.map((layer) => html`<li><button class="stratum" ${vars({ '--i': layer.number + 1 })} aria-pressed=${layer.number === this.model.layer?.number} @click=${(): void => this.#tap(layer)}>
        <span class="num">${number(layer.number)}</span><span class="ins">${shown(`${layer.instruction?.keyword ?? ''} ${instructionText(layer)}`.trim())}</span>
        <span class="cap">${layer.size === null ? t(`state.${layer.state}`) : `${bytes(layer.size)} / ${layer.uncompressedSize === null ? '–' : bytes(layer.uncompressedSize)}`}</span>
        <span>${pair(layer.digestState, layer.diffIdState)}</span></button></li>`)}</ol></div>`;
  }

  #select(layer: LayerView): void {
    const { view } = this.model;
    // The whole image has no layer of its own: choosing one means to look at the image as it was then.
    const newest = (this.model.image?.layers.length ?? 0) - 1;
    this.model.look({ layer: layer.number === newest ? null : layer.number, scope: view.scope === 'merged' ? 'up-to' : view.scope });
  }

  #detail(layer: LayerView): void {
    const newest = (this.model.image?.layers.length ?? 0) - 1;
    this.model.look({ layer: layer.number === newest ? null : layer.number, path: null });
    this.model.openSheet(true);
  }

  /** On small screens the first tap chooses, the second opens. */
  #tap(layer: LayerView): void {
    if (layer.number === this.model.layer?.number) this.#detail(layer);
    else this.#select(layer);
  }

  protected override updated(): void {
    const body = this.querySelector('.stack-body');
    this.#painter.watch(body, body?.children);
    // Cards that grow are told by the observer; here, what changes inside the core.
    const now = `${this.model.layer?.number} ${this.model.image?.layers.map(weight).join(' ')}`;
    if (now !== this.#drawn) this.#painter.soon();
    if (this.model.layer?.number !== this.#shown) {
      // Chosen by key or link, it may be out of sight.
      if (this.#shown !== null) for (const each of this.querySelectorAll('.layer[aria-current], .strip [aria-pressed=true]')) each.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      this.#shown = this.model.layer?.number ?? null;
    }
    this.#drawn = now;
  }

  /** One path for each layer, from its segment of the core to its card. */
  #project(): void {
    const field = this.querySelector<SVGSVGElement>('.proj');
    const box = field?.getBoundingClientRect();
    if (field == null || box === undefined || box.height === 0) return;
    const rtl = getComputedStyle(this).direction === 'rtl';
    const segments = new Map([...this.querySelectorAll<HTMLElement>('.core-v > i')].map((each) => [each.dataset['layer'], each.getBoundingClientRect()]));
    const cards = new Map([...this.querySelectorAll<HTMLElement>('.layers > .layer')].map((each) => [each.dataset['layer'], each]));
    const [from, to] = rtl ? [box.width, 0] : [0, box.width];
    const middle = box.width / 2;
    const drawn = [...field.querySelectorAll<SVGPathElement>('path')].map((path) => {
      const a = segments.get(path.dataset['layer']);
      const card = cards.get(path.dataset['layer']);
      const b = card?.getBoundingClientRect();
      if (a === undefined || b === undefined) return { path, d: '', on: false };
      const [a0, a1, b0, b1] = [a.top, a.bottom, b.top, b.bottom].map((y) => (y - box.top).toFixed(1));
      return { path, d: `M${from} ${a0}C${middle} ${a0} ${middle} ${b0} ${to} ${b0}V${b1}C${middle} ${b1} ${middle} ${a1} ${from} ${a1}Z`, on: card?.ariaCurrent === 'true' };
    });
    for (const { path, d, on } of drawn) {
      if (path.getAttribute('d') !== d) path.setAttribute('d', d);
      path.classList.toggle('on', on);
    }
  }
}

function keyOf(item: Item): string {
  return item.kind === 'layer' ? `layer ${item.layer.number}` : `step ${item.key}`;
}

customElements.define('layer-stack', LayerStack);
