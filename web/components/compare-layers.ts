/** The layers of two images as two cores, joined where they are the same, and where the size differs. */
import { html, nothing, svg, type PropertyValues, type TemplateResult } from 'lit';
import { bytes } from '../format.ts';
import { icon } from '../icons.ts';
import { number, t, tn } from '../i18n.ts';
import type { ComparedLayer, CompareView } from '../protocol.ts';
import { shown } from '../show.ts';
import { signed } from './growth.ts';
import { Part, vars } from './part.ts';

/** Directories that are named. */
const NAMED = 12;

export class CompareLayers extends Part {
  static override properties = { ...Part.properties, view: { attribute: false }, joints: { state: true } };
  declare view: CompareView;
  /** What joins the two cores: measured after they are drawn. */
  declare joints: readonly TemplateResult[];
  #drawn = '';
  #observer: ResizeObserver | null = null;

  constructor() {
    super();
    this.joints = [];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
    this.#observer = null;
  }

  override render(): TemplateResult {
    const [a, b] = this.view.layers ?? [[], []];
    const same = a.filter(({ same }) => same !== null);
    const pairs = a.filter(({ step }) => step !== null);
    const alone = (layers: readonly ComparedLayer[]): number => layers.filter(({ same, step }) => same === null && step === null).length;
    return html`<div class="pane-head"><h3>${t('compare.layers')}</h3><span class="grow"></span><span class="aside">${t('compare.layer-counts', { a: a.length, b: b.length, same: same.length })}</span></div>
      <div class="scroll" tabindex="0" role="group" aria-label=${t('compare.layers')}>
        <div class="correl heads"><span>A <span class="dim mono">${shown(this.view.a.platform ?? '')}</span></span><span></span><span>B <span class="dim mono">${shown(this.view.b.platform ?? '')}</span></span></div>
        <div class="correl">${this.#column(a, 'l', t('compare.layers-of-a'))}<svg aria-hidden="true">${this.joints}</svg>${this.#column(b, 'r', t('compare.layers-of-b'))}</div>
        <ul class="legend2">
          ${same.length === 0 ? nothing : html`<li><span class="sw stratum" ${vars({ '--i': 1, '--n': Math.max(1, a.length) })}></span><span>${t(same.every(({ proven }) => proven) ? 'compare.legend-same' : 'compare.legend-stated')}</span><b>${bytes(same.reduce((sum, { size }) => sum + (size ?? 0), 0))}</b></li>`}
          ${pairs.length === 0 ? nothing : html`<li><span class="sw cutl"></span><span>${t('compare.legend-step')}</span><b>${number(pairs.length)}</b></li>`}
          ${alone(a) === 0 ? nothing : html`<li><span></span><span>${t('compare.legend-a')}</span><b>${number(alone(a))}</b></li>`}
          ${alone(b) === 0 ? nothing : html`<li><span></span><span>${t('compare.legend-b')}</span><b>${number(alone(b))}</b></li>`}
        </ul>
        ${this.#growth()}
      </div>`;
  }

  #column(layers: readonly ComparedLayer[], side: 'l' | 'r', label: string): TemplateResult {
    const whole = layers.reduce((sum, { size }) => sum + (size ?? 0), 0);
    const other = side === 'l' ? 'B' : 'A';
    return html`<ol class="col ${side}" reversed start=${Math.max(0, layers.length - 1)} aria-label=${label}>${[...layers].reverse().map((layer) => {
      const { instruction, same, size, step } = layer;
      const like = same !== null ? t('compare.same-as', { image: other, layer: same }) : step !== null ? t('compare.step-as', { image: other, layer: step }) : t('compare.only-here');
      return html`<li class="stratum" data-layer=${layer.number} data-same=${same ?? nothing} ${vars({ '--i': layer.number + 1, '--n': layers.length, '--w': (((size ?? 0) / Math.max(1, whole)) * 1000).toFixed(1) })}>
        <div class="mid-ink nowrap"><b>${number(layer.number)}</b> ${size === null ? '–' : bytes(size)}</div>
        <div class="ins">${instruction === null ? nothing : shown(`${instruction.keyword} ${instruction.text}`.trim())}</div><span class="vh">${like}</span></li>`;
    })}</ol>`;
  }

  #growth(): TemplateResult | typeof nothing {
    const { growth, moreGrowth } = this.view;
    if (growth.length === 0) return nothing;
    const most = Math.max(...growth.map(({ bytes }) => Math.abs(bytes)));
    const more = growth.length - NAMED + moreGrowth;
    return html`<section class="block grown" aria-labelledby="cmp-grown"><header><h3 id="cmp-grown">${t('compare.growth')}</h3><span>B − A</span></header><ul class="dd">
      ${growth.slice(0, NAMED).map(({ path, bytes }) => html`<li><button class="plain mono" @click=${(): void => this.model.look({ path }, 'replace')}>${shown(path)}</button>
        <span class="tor" aria-hidden="true"><i class=${bytes < 0 ? 'less' : 'more2'} ${vars({ '--w': Math.max(1, (Math.abs(bytes) / most) * 100).toFixed(1) })}></i></span><b class=${bytes < 0 ? 'less-b' : 'grow-b'}>${signed(bytes)}</b></li>`)}</ul>
      ${more > 0 ? html`<p class="dim more-grown">${icon('info', 's')}${tn('compare.more-growth', more)}</p>` : nothing}</section>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('view')) this.#drawn = '';
    const box = this.querySelector('.correl:not(.heads)');
    if (this.#observer === null && box !== null) {
      this.#observer = new ResizeObserver(() => this.#join());
      this.#observer.observe(box);
    }
    this.#join();
  }

  /** Draws what joins layers that belong together, where they are now. */
  #join(): void {
    const [a, b] = this.view.layers ?? [[], []];
    const places = (side: string): Map<number, readonly [number, number]> =>
      new Map([...this.querySelectorAll<HTMLElement>(`.col.${side} > li`)].map((item) => [Number(item.dataset['layer']), [item.offsetTop, item.offsetTop + item.offsetHeight]]));
    const [left, right] = [places('l'), places('r')];
    const width = this.querySelector('.correl:not(.heads) svg')?.clientWidth ?? 0;
    const drawn = JSON.stringify([[...left], [...right], width]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const half = width / 2;
    this.joints = a.flatMap(({ number, same, step }) => {
      const from = left.get(number);
      const to = right.get(same ?? step ?? -1);
      if (from === undefined || to === undefined) return [];
      if (same === null) {
        const [y, z] = [(from[0] + from[1]) / 2, (to[0] + to[1]) / 2];
        return [svg`<path class="cut" d="M0 ${y}C${half} ${y} ${half} ${z} ${width} ${z}"></path>`];
      }
      const d = `M0 ${from[0]}C${half} ${from[0]} ${half} ${to[0]} ${width} ${to[0]}V${to[1]}C${half} ${to[1]} ${half} ${from[1]} 0 ${from[1]}Z`;
      return [svg`<path class="band stratum" ${vars({ '--i': number + 1, '--n': Math.max(a.length, b.length) })} d=${d}></path>`];
    });
  }
}

customElements.define('compare-layers', CompareLayers);
