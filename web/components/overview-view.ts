/** What the image is, at a glance. */
import { html, nothing, type TemplateResult } from 'lit';
import { bytes, dateTime } from '../format.ts';
import { sorted } from '../findings.ts';
import { icon } from '../icons.ts';
import { number, t, tn } from '../i18n.ts';
import type { Content, ImageView, LayerView, Overview, Scope, SealState } from '../protocol.ts';
import { baseOf, isOfficial, OS_RELEASE, systemName } from '../origin.ts';
import { isSettled } from '../progress.ts';
import { show, shown } from '../show.ts';
import { weight } from '../stack.ts';
import { looksSecret, runFacts } from './config-view.ts';
import { findingItem, tallyText } from './findings-view.ts';
import { instructionText } from './layer-card.ts';
import { blobSeal, copyButton, digestValue, fact } from './marks.ts';
import { Part, vars } from './part.ts';
import './size-map.ts';

/** Findings that fit the card; the tab has all. */
const FINDINGS_SHOWN = 6;

/** As much of an os-release file as is looked at. */
const RELEASE_BYTES = 8192;

export class OverviewView extends Part {
  static override properties = { ...Part.properties, system: { state: true } };
  /** What the image's os-release file says; null: nothing, or nothing yet. */
  declare system: string | null;
  #asked = '';

  constructor() {
    super();
    this.system = null;
  }

  protected override willUpdate(): void {
    super.willUpdate();
    const { overview, image } = this.model;
    // The file may come with any layer: it is looked for anew when one arrives.
    const key = `${overview?.chosen} ${image?.layers.filter(isSettled).length}`;
    if (image === null || key === this.#asked) return;
    if (!this.#asked.startsWith(`${overview?.chosen} `)) this.system = null;
    this.#asked = key;
    void this.#learnSystem(key);
  }

  /** The beginning of a file of the whole image; null when there is none. */
  async #peek(path: string): Promise<Content | null> {
    const { client } = this.model;
    const scope: Scope = { scope: 'merged' };
    const node = (await client?.request('node', { scope, path })) ?? null;
    return client === null || node === null ? null : client.request('content', { scope, node, from: 0, length: RELEASE_BYTES });
  }

  async #learnSystem(key: string): Promise<void> {
    for (const path of OS_RELEASE) {
      const found = await this.#peek(path).catch(() => null);
      if (key !== this.#asked) return;
      const name = found == null ? null : systemName(new TextDecoder().decode(found.bytes));
      if (name === null) continue;
      this.system = name;
      return;
    }
  }

  override render(): TemplateResult {
    const { overview } = this.model;
    const image = overview?.image;
    if (overview == null || image == null) return html``;
    return html`${this.#head(image)}
      <div class="main-col">${this.#run(image)}${this.#identity(overview, image)}<size-map class="both" .model=${this.model}></size-map>${this.#notes(image)}</div>
      <div class="side-col">${this.#findings(overview)}${this.#waste(image)}</div>`;
  }

  #head(image: ImageView): TemplateResult {
    const { totals, layers, steps } = image;
    const quiet = steps.filter(({ layer }) => layer === null).length;
    const created = image.created === null ? null : (dateTime(image.created) ?? image.created);
    const figure = (value: string | null, text: string): TemplateResult | typeof nothing => (value === null ? nothing : html`<div><b>${value}</b><span>${text}</span></div>`);
    return html`<section class="card head-card" aria-label=${t('overview.summary')}>
      <div class="row1"><div><h2>${shown(this.model.name)}</h2>
        <p class="mid-ink">${[this.system === null ? null : show(this.system), image.platform, tn('stack.layers', layers.length), quiet === 0 ? null : tn('stack.steps', quiet), created === null ? null : t('overview.created', { when: created })].filter((each) => each !== null).join(t('comma'))}</p></div>
        <div class="figs">${figure(bytes(totals.size), t('overview.download'))}${figure(bytes(totals.uncompressedSize), t('unpacked'))}
          ${figure(totals.visibleBytes === null ? null : bytes(totals.visibleBytes), t('overview.visible'))}${figure(totals.reclaimableBytes === null ? null : bytes(totals.reclaimableBytes), t('overview.reclaimable'))}
          ${figure(totals.visibleEntries === null ? null : number(totals.visibleEntries), t('overview.paths'))}</div></div>
      <nav class="profile" aria-label=${t('overview.profile')}>${layers.map((layer) => this.#slab(layer, layers))}</nav>
    </section>`;
  }

  #slab(layer: LayerView, layers: readonly LayerView[]): TemplateResult {
    const total = layers.reduce((sum, each) => sum + weight(each), 0) || 1;
    // Too narrow for words: the number stays.
    const narrow = weight(layer) / total < 0.11;
    return html`<button class="stratum ${narrow ? 'narrow' : ''}" ${vars({ '--i': layer.number + 1, '--w': Math.max(weight(layer), total / 60) })} title=${instructionText(layer)}
      @click=${(): void => this.model.look({ tab: 'files', layer: layer.number, scope: 'up-to', path: null })}><span class="slab"></span>
      <span class="ins"><span class="vh">${t('layer', { number: layer.number })}: </span>${shown(`${layer.instruction?.keyword ?? ''} ${instructionText(layer)}`.trim())}</span>
      <small><b class="mid-ink">${number(layer.number)}</b> <span class="amount">${bytes(weight(layer))}</span></small></button>`;
  }

  #run(image: ImageView): TemplateResult {
    const { env } = image.runtime;
    const secret = env.filter(looksSecret).map((each) => each.slice(0, each.indexOf('=')));
    return html`<section class="card" aria-labelledby="c-run"><header><h2 id="c-run">${t('config.run')}</h2></header><div class="body">${runFacts(image.runtime)}
      ${secret.length === 0 ? nothing : html`<p class="apart secrets">${secret.map((name) => html`<span class="tag warn" title=${t('config.secret-why')}>${icon('alert', 's')}${shown(name)}: ${t('config.secret')}</span>`)}</p>`}${env.length === 0 ? nothing : html`<p class="apart"><button class="text-btn" @click=${(): void => this.model.look({ tab: 'config' })}>${tn('overview.env', env.length)}</button></p>`}</div></section>`;
  }

  #identity(overview: Overview, image: ImageView): TemplateResult {
    const { model } = this;
    const chain = image.layers.at(-1)?.chainId ?? null;
    return html`<section class="card" aria-labelledby="c-id"><header><h2 id="c-id">${t('overview.identity')}</h2>${verifiedSeal(image)}${image.layers.some(({ state }) => state === 'known') ? html`<button class="text-btn" @click=${(): void => model.verifyKnown()}>${t('status.verify-all')}</button>` : nothing}</header><div class="body"><dl class="kv centred">
      ${overview.source.canonical === null ? nothing : fact('reference', html`<span class="val wrap"><span>${shown(overview.source.canonical)}</span>${copyButton(model, overview.source.canonical, t('reference'))}</span>`, '')}
      ${this.#origin(overview, image)}
      ${image.names.length === 0 ? nothing : fact('names', image.names.map((name) => html`<span class="xattr">${shown(name)}</span>`))}
      ${image.digest === null ? nothing : fact('image-digest', html`<span class="seals">${digestValue(model, t('image-digest'), image.digest)}${image.manifest?.digestOk === false ? blobSeal(false) : nothing}</span>`, '')}
      ${image.imageId === null ? nothing : fact('image-id', html`<span class="seals">${digestValue(model, t('image-id'), image.imageId)}${image.config?.digestOk === false ? blobSeal(false) : nothing}</span>`, '')}
      ${chain === null ? nothing : fact('chain-id', digestValue(model, t('chain-id'), chain), '')}
      ${image.manifest?.mediaType == null ? nothing : fact('media-type', shown(image.manifest.mediaType))}
      ${fact('source', html`${t(`source.${overview.source.kind}`)}${overview.source.wrapped === null ? nothing : ` (${overview.source.wrapped})`}${overview.source.size === null ? nothing : `, ${bytes(overview.source.size)}`}${overview.source.quota === undefined ? nothing : html`, ${t('status.quota', { quota: show(overview.source.quota) })}`}`, '')}
      ${image.author === null || image.author === '' ? nothing : fact('author', shown(image.author), '')}
    </dl></div></section>`;
  }

  /** Whose image it is, and what it was built on. */
  #origin(overview: Overview, image: ImageView): TemplateResult {
    const official = isOfficial(overview, image);
    const base = baseOf(image);
    const system = this.system === null ? null : t('overview.os-release', { name: show(this.system) });
    return html`${official === null ? nothing : fact('overview.publisher', official ? html`<span class="tag ok">${icon('check', 's')}${t('overview.official')}</span>` : t('overview.not-official'), '')}
      ${base.name === null && base.digest === null ? fact('overview.base', system === null ? t('overview.base-unknown') : `${t('overview.base-unknown')}${t('semicolon')}${system}`, 'dim') : fact('overview.base', html`${base.name === null ? nothing : html`<span class="mono">${shown(base.name)}</span> `}${base.digest === null ? nothing : digestValue(this.model, t('digest'), base.digest)}${system === null ? nothing : html` <span class="dim">${system}</span>`}`, '')}`;
  }

  #notes(image: ImageView): TemplateResult | typeof nothing {
    const entries = Object.entries({ ...image.runtime.labels, ...image.annotations });
    if (entries.length === 0) return nothing;
    return html`<section class="card both" aria-labelledby="c-lab"><header><h2 id="c-lab">${t('overview.labels')}</h2><span class="aside">${number(entries.length)}</span></header><div class="body"><dl class="kv">
      ${entries.slice(0, 12).map(([key, value]) => html`<dt class="mono">${shown(key)}</dt><dd class="mono">${shown(value)}</dd>`)}</dl>
      ${entries.length > 12 ? html`<p class="apart"><button class="text-btn" @click=${(): void => this.model.look({ tab: 'config' })}>${tn('more-rows', entries.length - 12)}</button></p>` : nothing}</div></section>`;
  }

  #findings({ findings }: Overview): TemplateResult {
    const { busy } = this.model.meter;
    return html`<section class="card" aria-labelledby="c-find"><header><h2 id="c-find">${t('tab.findings')}</h2><span class="aside">${findings.length === 0 ? nothing : tallyText(findings)}</span></header><div class="body">
      ${findings.length === 0 ? html`<p class="say ok">${icon(busy ? 'half' : 'check')}<span>${t(busy ? 'findings.not-yet' : 'findings.none')}</span></p>` : html`<ul class="finds">${sorted(findings).slice(0, FINDINGS_SHOWN).map((finding) => findingItem(this.model, finding))}</ul>`}
      ${findings.length > FINDINGS_SHOWN ? html`<p class="apart"><button class="text-btn" @click=${(): void => this.model.look({ tab: 'findings' })}>${tn('overview.all-findings', findings.length)}</button></p>` : nothing}
    </div></section>`;
  }

  #waste({ totals, layers }: ImageView): TemplateResult | typeof nothing {
    const { reclaimableBytes, visibleBytes } = totals;
    if (reclaimableBytes === null || visibleBytes === null) return nothing;
    const all = reclaimableBytes + visibleBytes;
    const worst = layers.filter(({ hidesBytes }) => (hidesBytes ?? 0) > 0).sort((a, b) => (b.hidesBytes ?? 0) - (a.hidesBytes ?? 0)).slice(0, 3);
    return html`<section class="card" aria-labelledby="c-waste"><header><h2 id="c-waste">${t('tab.waste')}</h2><button class="text-btn" @click=${(): void => this.model.look({ tab: 'waste' })}>${t('waste.all')}</button></header><div class="body">
      <div class="score"><span class="mid-ink">${t('reclaimable')}</span><b>${bytes(reclaimableBytes)}</b><div class="core-h" aria-hidden="true"><i class="gone" ${vars({ '--w': all === 0 ? 0 : ((reclaimableBytes / all) * 100).toFixed(2) })}></i></div>
        <p>${t('waste.short')}</p></div>
      ${worst.length === 0 ? nothing : html`<ul class="hiders">${worst.map((layer) => html`<li><span class="plate stratum" ${vars({ '--i': layer.number + 1 })}>${number(layer.number)}</span><code>${shown(`${layer.instruction?.keyword ?? ''} ${instructionText(layer)}`.trim())}</code><span>${t('layer.hides-short', { size: bytes(layer.hidesBytes ?? 0) })}</span></li>`)}</ul>`}
    </div></section>`;
  }
}

/** How many of the digests that the image states are those of its bytes. */
function verifiedSeal(image: ImageView): TemplateResult {
  const states: SealState[] = image.layers.flatMap(({ digestState, diffIdState }) => [digestState, diffIdState]);
  for (const blob of [image.manifest, image.config]) if (blob !== null && blob.digestOk !== null) states.push(blob.digestOk ? 'verified' : 'mismatch');
  const stated = states.filter((state) => state !== 'not-stated');
  const good = stated.filter((state) => state === 'verified').length;
  const bad = stated.filter((state) => state === 'mismatch').length;
  if (bad > 0) return html`<span class="seal mismatch">${icon('x')}${tn('overview.mismatched', bad)}</span>`;
  const known = stated.filter((state) => state === 'known').length;
  if (known > 0) return html`<span class="seal known">${icon('ring')}${t('overview.known', { known, all: stated.length })}</span>`;
  const done = good === stated.length && good > 0;
  return html`<span class="seal ${done ? 'verified' : 'pending'}">${icon(done ? 'check' : 'ring')}${t('overview.verified', { good, all: stated.length })}</span>`;
}

customElements.define('overview-view', OverviewView);
