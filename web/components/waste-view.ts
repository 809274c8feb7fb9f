/** Bytes that ship and that nobody sees: two measures side by side, why they differ, and the paths that cost most. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Client } from '../client.ts';
import { errorView } from '../client.ts';
import { bytes, percent } from '../format.ts';
import { icon } from '../icons.ts';
import { t, tn } from '../i18n.ts';
import type { ErrorView, WastedPath, WasteReport } from '../protocol.ts';
import { show, shown } from '../show.ts';
import { errorCard } from './error-card.ts';
import './gate-card.ts';
import { instructionText } from './layer-card.ts';
import { plate } from './marks.ts';
import { Part, vars } from './part.ts';

const STEP = 100;
/** Pairs of instructions that are told what to change. */
const ADVISED = 6;

/** All that one layer hides of another, for one reason. */
export interface Group {
  readonly cause: WastedPath['cause'];
  readonly layer: number;
  readonly by: number;
  bytes: number;
  count: number;
  /** The path that costs most. */
  readonly example: string;
}

/** Wasted paths by what would have to change, the most expensive first. They come largest first. */
export function grouped(paths: readonly WastedPath[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { cause, layer, by, bytes, path } of paths) {
    const key = `${cause} ${layer} ${by}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { cause, layer, by, bytes, count: 1, example: path });
    else {
      known.bytes += bytes;
      known.count += 1;
    }
  }
  return [...groups.values()].sort((a, b) => b.bytes - a.bytes);
}

export class WasteView extends Part {
  static override properties = { ...Part.properties, report: { state: true }, error: { state: true }, limit: { state: true } };
  declare report: WasteReport | null;
  declare error: ErrorView | null;
  declare limit: number;
  #client: Client | null = null;
  #settled = 0;
  #chosen: number | null = null;
  #asking = false;

  constructor() {
    super();
    this.report = null;
    this.error = null;
    this.limit = STEP;
  }

  protected override willUpdate(): void {
    super.willUpdate();
    const { client, image, overview } = this.model;
    if (client === null || image === null || overview === null) return;
    const settled = image.layers.filter(({ state }) => state !== 'pending' && state !== 'verifying').length;
    const other = client !== this.#client || overview.chosen !== this.#chosen;
    if (other) {
      this.report = null;
      this.#asking = false;
    }
    if (!other && settled === this.#settled) return;
    if (this.#asking) return;
    this.#client = client;
    this.#chosen = overview.chosen;
    this.#settled = settled;
    void this.#ask(client);
  }

  async #ask(client: Client): Promise<void> {
    this.#asking = true;
    try {
      const report = await client.request('waste');
      if (client === this.#client) this.report = report;
      this.error = null;
    } catch (error) {
      if (client === this.#client) this.error = errorView(error);
    }
    this.#asking = false;
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const { report, error } = this;
    if (error !== null && report === null) return errorCard(this.model, error);
    if (report === null) return html`<section class="card"><div class="body"><p class="dim" role="status">${t('reading')}</p></div></section>`;
    return html`<section class="card" aria-labelledby="w-h"><header><h2 id="w-h">${t('tab.waste')}</h2></header><div class="body">
        ${report.incomplete ? html`<div class="notice">${icon('alert')}<p>${t(this.model.meter.busy ? 'waste.arriving' : 'waste.incomplete')}</p></div>` : nothing}
        ${scores(report)}
        <p class="mid-ink lead-in">${t('waste.why')}</p></div></section>
      ${this.#changes(report)}<gate-card .model=${this.model} .report=${report}></gate-card>${this.#paths(report)}`;
  }

  /** What one instruction hides of another: the sum, why it is so, and what to write instead. */
  #changes({ paths }: WasteReport): TemplateResult | typeof nothing {
    const all = grouped(paths);
    if (all.length === 0) return nothing;
    const layers = this.model.image?.layers ?? [];
    const instruction = (number: number): TemplateResult => {
      const layer = layers[number];
      const text = layer === undefined ? '' : `${layer.instruction?.keyword ?? ''} ${instructionText(layer)}`.trim();
      return html`${plate(number, layers.length)} <code title=${show(text)}>${shown(text)}</code>`;
    };
    return html`<section class="card" aria-labelledby="wc-h"><header><h2 id="wc-h">${t('waste.change')}</h2></header><div class="body"><ol class="advice">${all.slice(0, ADVISED).map(
      (each) => html`<li><b>${bytes(each.bytes)}</b><div><p>${t(`cause.${each.cause}`)}${t('comma')}${tn('paths', each.count)}: <code>${shown(each.example)}</code></p>
        <dl><dt>${t('waste.stored')}</dt><dd>${instruction(each.layer)}</dd>${each.layer === each.by ? nothing : html`<dt>${t('waste.hidden-by')}</dt><dd>${instruction(each.by)}</dd>`}</dl>
        <p class="mid-ink">${t(`advice.${each.cause}`)}</p></div></li>`,
    )}</ol>${all.length > ADVISED ? html`<p class="dim">${tn('waste.more-causes', all.length - ADVISED)}</p>` : nothing}</div></section>`;
  }

  #paths({ paths }: WasteReport): TemplateResult {
    const layers = this.model.image?.layers.length ?? 1;
    return html`<section class="card" aria-labelledby="wp-h"><header><h2 id="wp-h">${t('waste.paths')}</h2><span class="aside">${tn('paths', paths.length)}</span></header><div class="body">
      ${paths.length === 0 ? html`<p class="say ok">${icon('check')}<span>${t('waste.none')}</span></p>` : html`<div class="over" tabindex="0" role="group" aria-label=${t('waste.paths')}><table class="tbl"><thead><tr><th scope="col">${t('path')}</th><th scope="col" class="end">${t('waste.costs')}</th><th scope="col">${t('waste.cause')}</th><th scope="col">${t('waste.stored')}</th><th scope="col" class="hide-xs">${t('waste.hidden-by')}</th></tr></thead>
        <tbody>${paths.slice(0, this.limit).map((each) => this.#row(each, layers))}</tbody></table></div>
        ${paths.length > this.limit ? html`<div class="acts"><button class="btn" @click=${(): void => void (this.limit += STEP)}>${tn('more-rows', paths.length - this.limit)}</button></div>` : nothing}`}
    </div></section>`;
  }

  #row(each: WastedPath, layers: number): TemplateResult {
    return html`<tr><td class="mono path"><button class="plain" @click=${(): void => this.model.look({ tab: 'files', scope: 'layer', layer: each.layer, path: each.path, filter: '', changedOnly: false })}>${shown(each.path)}</button></td>
      <td class="end nowrap">${bytes(each.bytes)}</td><td>${t(`cause.${each.cause}`)}</td><td>${plate(each.layer, layers)}</td><td class="hide-xs">${plate(each.by, layers)}</td></tr>`;
  }
}

/** Both measures, each with the sentence that says what it counts. */
export function scores(report: WasteReport): TemplateResult {
  const { reclaimableBytes, totalBytes, dive } = report;
  const share = totalBytes === 0 ? 0 : reclaimableBytes / totalBytes;
  return html`<div class="scores">
    <div class="score"><span class="mid-ink">${t('reclaimable')}</span><b>${bytes(reclaimableBytes)}</b><div class="core-h" aria-hidden="true"><i class="gone" ${vars({ '--w': (share * 100).toFixed(2) })}></i></div>
      <p>${t('waste.reclaimable-means', { share: percent(share), visible: bytes(report.visibleBytes), total: bytes(totalBytes) })}</p></div>
    <div class="score"><span class="mid-ink">${t('waste.dive')}</span><b>${percent(dive.efficiency, 2)}</b><div class="core-h" aria-hidden="true"><i class="calm" ${vars({ '--w': (dive.efficiency * 100).toFixed(2) })}></i></div>
      <p>${dive.userWastedPercent === null ? t('waste.dive-means', { wasted: bytes(dive.wastedBytes) }) : t('waste.dive-means-user', { wasted: bytes(dive.wastedBytes), share: percent(dive.userWastedPercent, 2) })}</p></div></div>`;
}

customElements.define('waste-view', WasteView);
