/** Where the bytes are: a treemap of one directory, and a table of the same figures. */
import { html, nothing, type TemplateResult } from 'lit';
import { above, areaAt, areasOf, bytesOf, type Area } from '../areas.ts';
import { errorView, type Client } from '../client.ts';
import { bytes, percent } from '../format.ts';
import { icon } from '../icons.ts';
import { t, tn } from '../i18n.ts';
import type { ErrorView, Share, Shares } from '../protocol.ts';
import { show, shown } from '../show.ts';
import { MAP_COLOURS, MAP_WAYS, SCOPES } from '../state.ts';
import { errorCard } from './error-card.ts';
import { isPlain } from './keys.ts';
import { plate, segmented, sign } from './marks.ts';
import { Painter } from './painter.ts';
import { Part } from './part.ts';
import { paintMap } from './size-paint.ts';

/** How many things of one directory are told apart. */
const COUNT = 100;
/** Plates in the legend. */
const LEGEND = 12;

export class SizeMap extends Part {
  static override properties = { ...Part.properties, whole: { type: Boolean }, active: { state: true }, error: { state: true } };
  /** A view of its own, with the choice of a scope; else a card among others. */
  declare whole: boolean;
  /** The area that is pointed at, by its place in what is drawn. */
  declare active: number;
  declare error: ErrorView | null;
  #known = new Map<string, Shares | null>();
  #asked = new Set<string>();
  #areas: Area[] = [];
  #of = '';
  #client: Client | null = null;
  #version = -1;
  readonly #painter = new Painter(() => this.#paint());

  constructor() {
    super();
    this.whole = false;
    this.active = -1;
    this.error = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#painter.stop();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  protected override willUpdate(): void {
    super.willUpdate();
    const { model } = this;
    const of = JSON.stringify(model.scope);
    if (model.client === this.#client && of === this.#of && model.treeVersion === this.#version) return;
    // What is on screen stays until its successor is there, unless it is another tree.
    if (model.client !== this.#client || of !== this.#of) this.#known.clear();
    this.#asked.clear();
    this.#client = model.client;
    this.#of = of;
    this.#version = model.treeVersion;
    this.error = null;
  }

  /** What is in a directory; asked for if it is not known, or not known anew. */
  #sharesAt(path: string): Shares | null | undefined {
    if (!this.#asked.has(path)) void this.#ask(path);
    return this.#known.get(path);
  }

  async #ask(path: string): Promise<void> {
    const { client, scope } = this.model;
    if (client === null || this.model.image === null) return;
    this.#asked.add(path);
    const of = this.#of;
    try {
      const shares = await client.request('shares', { scope, path, count: COUNT });
      if (client !== this.#client || of !== this.#of) return;
      this.#known.set(path, shares);
    } catch (error) {
      if (client !== this.#client) return;
      this.error = errorView(error);
    }
    this.requestUpdate();
  }

  /** The directory that is looked at: the selected path, or the nearest above it in which there is something. */
  #here(): Shares | undefined {
    for (let path = this.model.view.path ?? '/'; ; path = above(path)) {
      const shares = this.#sharesAt(path);
      if (shares === undefined) return undefined;
      if (shares !== null && (shares.shares.length > 0 || path === '/')) return shares;
      if (path === '/') return undefined;
    }
  }

  // ---- drawing -------------------------------------------------------------------------------

  override render(): TemplateResult {
    const { model } = this;
    const here = this.#here();
    return html`<section class="card size-map" aria-labelledby="map-h"><header><h2 id="map-h">${t('map.title')}</h2>
        ${segmented(t('map.colour'), MAP_COLOURS.map((value) => ({ value, text: t(`map.by-${value}`) })), model.view.mapColour, (mapColour) => model.look({ mapColour }, 'replace'))}
        ${segmented(t('map.as'), MAP_WAYS.map((value) => ({ value, text: t(`map.${value}`) })), model.view.mapAs, (mapAs) => model.look({ mapAs }, 'replace'))}</header>
      <div class="body">
        ${!this.whole ? nothing : html`<div class="map-tools">${segmented(t('scope'), SCOPES.map((scope) => ({ value: scope, text: t(`scope.${scope}`) })), model.view.scope, (scope) => model.look({ scope }))}
          ${model.view.scope === 'merged' ? nothing : html`<span class="mid-ink">${plate(model.layer?.number ?? 0, model.image?.layers.length ?? 1, t('layer', { number: model.layer?.number ?? 0 }))}</span>`}
          <button class="facet" aria-pressed=${model.view.ghosts} @click=${(): void => model.look({ ghosts: !model.view.ghosts }, 'replace')}>${t('facet.deleted')}</button></div>`}
        ${here === undefined ? (this.error === null ? html`<p class="dim map-wait" role="status">${t('reading')}</p>` : errorCard(model, this.error)) : html`${this.#crumbs(here)}${model.view.mapAs === 'map' ? this.#map(here) : this.#table(here)}`}
      </div></section>`;
  }

  #go(path: string): void {
    this.active = -1;
    this.model.look({ path: path === '/' ? null : path });
  }

  #crumbs(here: Shares): TemplateResult {
    const names = here.path.split('/').filter((name) => name !== '');
    const last = names.length - 1;
    const deleted = this.model.view.ghosts && here.gone > 0 ? t('map.and-deleted', { size: bytes(here.gone) }) : '';
    return html`<nav class="crumb map-crumb" aria-label=${t('path')}>${names.length === 0 ? html`<b>/</b>` : html`<button @click=${(): void => this.#go('/')}>/</button>`}${names.map((name, index) => {
      const to = `/${names.slice(0, index + 1).join('/')}`;
      return html`${index === 0 ? nothing : html`<span>/</span>`}${index === last ? html`<b>${shown(name)}</b>` : html`<button @click=${(): void => this.#go(to)}>${shown(name)}</button>`}`;
    })}<span class="grow"></span><span class="mid-ink figures">${bytes(here.visible)}${deleted}</span>
      ${names.length === 0 ? nothing : html`<button class="btn small" @click=${(): void => this.#go(above(here.path))}>${icon('up', 's')}${t('map.up')}</button>`}</nav>
      ${here.incomplete ? html`<div class="notice">${icon('alert')}<p>${t(this.model.meter.busy ? 'tree.arriving' : 'tree.incomplete')}</p></div>` : nothing}`;
  }

  #map(here: Shares): TemplateResult {
    const deleted = this.model.view.ghosts;
    if (bytesOf(here, deleted) === 0) return html`<div class="empty">${icon('box')}<h3>${t('map.empty')}</h3></div>`;
    const largest = [...here.shares].sort((a, b) => bytesOf(b, deleted) - bytesOf(a, deleted)).slice(0, 3).map((share) => `${show(share.row.name)} ${bytes(bytesOf(share, deleted))}`);
    return html`<div class="map"><canvas tabindex="0" role="img" aria-label=${t('map.label', { path: show(here.path), size: bytes(bytesOf(here, deleted)), largest: largest.join(t('comma')) })} aria-describedby="map-hint"
        @click=${this.#click} @pointermove=${this.#point} @pointerleave=${(): void => void (this.active = -1)} @keydown=${this.#key}></canvas></div>
      <p class="map-said" role="status">${this.#said()}</p>
      ${this.#legend()}<p class="vh" id="map-hint">${t('map.hint')}</p>`;
  }

  /** What the area is that is pointed at. */
  #said(): TemplateResult {
    const area = this.#areas[this.active];
    if (area === undefined) return html`<span class="dim">${t('map.point')}</span>`;
    const total = bytesOf(this.#here() ?? { visible: 0, gone: 0 }, this.model.view.ghosts);
    const share = total === 0 ? 0 : area.bytes / total;
    if (area.share === null) return html`<span class="mono">${shown(area.path)}</span> <span>${t('map.others')}${t('comma')}${bytes(area.bytes)} (${percent(share)})</span>`;
    const gone = area.share.row.deletedBy;
    return html`<span class="mono">${shown(area.path)}</span> <span>${bytes(area.bytes)} (${percent(share)})${t('comma')}${t('layer', { number: area.share.layer })}${gone === null ? nothing : html`${t('comma')}${t('row.deleted', { by: gone })}`}</span>`;
  }

  #legend(): TemplateResult {
    const { model } = this;
    const layers = model.image?.layers.length ?? 1;
    const seen = [...new Set(this.#areas.flatMap(({ share }) => (share === null ? [] : [share.layer])))].sort((a, b) => a - b);
    const changes = [...new Set(this.#areas.flatMap(({ share, isFrame }) => (share === null || isFrame ? [] : [share.row.change])))].filter((change) => change !== 'unchanged' && change !== 'removed');
    const gone = this.#areas.some(({ share }) => share?.row.deletedBy != null);
    return html`<p class="map-legend">${model.view.mapColour === 'layer'
      ? html`${seen.slice(0, LEGEND).map((layer) => plate(layer, layers, t('layer', { number: layer })))}${seen.length > LEGEND ? html`<span>${tn('map.more-layers', seen.length - LEGEND)}</span>` : nothing}`
      : changes.length === 0 ? html`<span>${t(model.view.scope === 'merged' ? 'map.merged-change' : 'tree.no-change')}</span>` : changes.map((change) => html`<span class="change">${sign(change)} ${t(`change.${change}`)}</span>`)}
      ${gone ? html`<span class="change"><i class="hatch" aria-hidden="true"></i> ${t('map.hatched')}</span>` : nothing}</p>`;
  }

  #table(here: Shares): TemplateResult {
    const { model } = this;
    const deleted = model.view.ghosts;
    const total = bytesOf(here, deleted);
    const rows = here.shares.filter((share) => bytesOf(share, deleted) > 0);
    const rest = total - rows.reduce((sum, share) => sum + bytesOf(share, deleted), 0);
    return html`<div class="over map-table" tabindex="0" role="group" aria-label=${t('map.title')}><table class="tbl"><thead><tr><th scope="col">${t('column.name')}</th><th scope="col" class="end">${t('size')}</th><th scope="col" class="end">${t('map.deleted')}</th>
        <th scope="col" class="end hide-xs">${t('map.share')}</th><th scope="col">${t('map.most')}</th><th scope="col" class="hide-xs">${t('column.change')}</th></tr></thead>
      <tbody>${rows.map((share) => this.#row(share, total, deleted))}
        ${here.others === 0 && rest <= 0 ? nothing : html`<tr class="quiet"><td>${tn('map.other', here.others)}</td><td class="end nowrap">${bytes(Math.max(0, rest))}</td><td></td><td class="end nowrap hide-xs">${percent(total === 0 ? 0 : Math.max(0, rest) / total)}</td><td></td><td class="hide-xs"></td></tr>`}</tbody></table></div>`;
  }

  #row(share: Share, total: number, deleted: boolean): TemplateResult {
    const { row, visible, gone, layer } = share;
    const isDirectory = row.kind === 'directory';
    return html`<tr><td class="mono path"><button class="plain ${row.deletedBy === null ? '' : 'was'}" @click=${(): void => this.#open(row.path, isDirectory)}>${shown(row.name)}${isDirectory ? '/' : ''}</button></td>
      <td class="end nowrap">${bytes(visible)}</td><td class="end nowrap">${gone === 0 ? html`<span class="dim">–</span>` : bytes(gone)}</td><td class="end nowrap hide-xs">${percent(total === 0 ? 0 : bytesOf(share, deleted) / total)}</td>
      <td>${plate(layer, this.model.image?.layers.length ?? 1)}</td><td class="hide-xs">${row.deletedBy === null ? sign(row.change, row.changedBelow) : html`${sign('removed')} <span class="dim">${t('row.deleted', { by: row.deletedBy })}</span>`}</td></tr>`;
  }

  // ---- the canvas ----------------------------------------------------------------------------

  protected override updated(): void {
    this.#painter.watch(this.querySelector('canvas'));
    this.#painter.soon();
  }

  #paint(): void {
    const canvas = this.querySelector('canvas');
    const here = this.#here();
    if (canvas === null || here === undefined) return;
    const { width, height } = canvas.getBoundingClientRect();
    const before = this.#areas.map(({ path }) => path).join('\n');
    this.#areas = areasOf(here, { x: 0, y: 0, width, height }, this.model.view.ghosts, (path) => this.#known.get(path) ?? undefined, (path) => void this.#sharesAt(path));
    paintMap(canvas, this.#areas, { colour: this.model.view.mapColour, layers: this.model.image?.layers.length ?? 1, active: this.active });
    canvas.dataset['areas'] = String(this.#areas.length);
    // The legend speaks of what was drawn.
    if (before !== this.#areas.map(({ path }) => path).join('\n')) this.requestUpdate();
  }

  // ---- going ---------------------------------------------------------------------------------

  #open(path: string, isDirectory: boolean): void {
    if (isDirectory) this.#go(path);
    else this.model.look({ tab: 'files', path, filter: '', changedOnly: false });
  }

  #openArea(area: Area | undefined): void {
    if (area?.share == null) return;
    this.#open(area.path, area.share.row.kind === 'directory');
  }

  #point(event: PointerEvent): void {
    this.active = areaAt(this.#areas, event.offsetX, event.offsetY);
  }

  #click(event: MouseEvent): void {
    this.#openArea(this.#areas[areaAt(this.#areas, event.offsetX, event.offsetY)]);
  }

  /** Arrows go through the areas as they are nested, Enter goes in, Backspace up. */
  #key(event: KeyboardEvent): void {
    if (!isPlain(event)) return;
    const last = this.#areas.length - 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: Math.min(last, this.active + 1), ArrowDown: Math.min(last, this.active + 1), ArrowLeft: Math.max(0, this.active - 1), ArrowUp: Math.max(0, this.active - 1), Home: 0, End: last,
    };
    const next = moves[event.key];
    if (next !== undefined) this.active = next;
    else if (event.key === 'Enter' && this.active >= 0) this.#openArea(this.#areas[this.active]);
    else if (event.key === 'Backspace') this.#go(above(this.#here()?.path ?? '/'));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define('size-map', SizeMap);
