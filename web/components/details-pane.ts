/** The selected thing: a file with its content and its history, or the instruction that made a layer. */
import { html, nothing, type TemplateResult } from 'lit';
import { errorView } from '../client.ts';
import { download } from '../download.ts';
import { exactTime, bytes, modeOctal } from '../format.ts';
import { icon } from '../icons.ts';
import { t } from '../i18n.ts';
import type { Model } from '../model.ts';
import type { Details, ErrorView, Hop } from '../protocol.ts';
import { show, shown } from '../show.ts';
import { errorCard } from './error-card.ts';
import './file-content.ts';
import type { ContentKind, Kinds } from './file-content.ts';
import './file-diff.ts';
import './file-digest.ts';
import { rove } from './keys.ts';
import { layerDetails } from './layer-details.ts';
import { copyButton, fact, sign } from './marks.ts';
import { Part } from './part.ts';
import { story, type Compared } from './story.ts';

type SubTab = ContentKind | 'attributes';

/** A sheet that is dragged below this is meant to be closed. */
const SHEET_CLOSES_PX = 110;

/** Dispatches `found` with the path of the node that it was told to show. */
export class DetailsPane extends Part {
  protected override readonly hears = ['change', 'progress'] as const;
  static override properties = { ...Part.properties, details: { state: true }, error: { state: true }, tab: { state: true }, missing: { state: true }, compared: { state: true } };
  declare details: Details | null;
  declare error: ErrorView | null;
  declare tab: SubTab | null;
  /** A path that is not in the tree that is looked at. */
  declare missing: string | null;
  /** The layers whose changes of the file are shown: the older one, and the one that changed it. */
  declare compared: Compared | null;
  #kinds: readonly ContentKind[] = ['text', 'hex'];
  #asked = 0;
  #saving: AbortController | null = null;
  #moved = false;
  /** The focus is to go into the pane as soon as it shows what was asked for last. */
  #entering = false;
  #waiting = false;

  constructor() {
    super();
    this.details = null;
    this.error = null;
    this.tab = null;
    this.missing = null;
    this.compared = null;
  }

  /** Shows a node of the present scope; null: the path that is selected is not there. */
  async load(node: number | null): Promise<void> {
    const ask = (this.#asked += 1);
    const { client, scope } = this.model;
    this.#entering = this.#waiting = false;
    if (node === null || client === null) {
      this.missing = this.model.view.path;
      this.details = null;
      return;
    }
    this.#waiting = true;
    try {
      const details = await client.request('details', { scope, node });
      if (ask !== this.#asked) return;
      if (details.path !== this.details?.path) {
        this.tab = this.compared = null;
        this.#kinds = ['text', 'hex'];
      }
      this.#waiting = false;
      this.details = details;
      this.error = this.missing = null;
      this.dispatchEvent(new CustomEvent('found', { detail: details.path }));
    } catch (error) {
      if (ask !== this.#asked) return;
      this.#waiting = false;
      this.error = errorView(error);
    }
  }

  /** Puts the focus into the pane, once it shows what `load` was last asked for. */
  enter(): void {
    this.#entering = true;
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const { view, layer, image } = this.model;
    if (view.path !== null && this.details !== null) return this.#file(this.details);
    if (view.path !== null && this.error !== null) return html`${this.#grab()}<div class="block">${errorCard(this.model, this.error)}</div>`;
    if (view.path !== null && this.missing !== null) return this.#absent(this.missing);
    if (view.path !== null) return html`${this.#grab()}<div class="skeleton" role="status" aria-label=${t('reading')}></div>`;
    return html`${this.#grab()}${layer === null || image === null ? nothing : layerDetails(this.model, layer, image, () => this.#close())}`;
  }

  protected override updated(): void {
    if (this.#entering && !this.#waiting) {
      this.#entering = false;
      (this.querySelector<HTMLElement>('[role=tab][aria-selected=true]') ?? this.querySelector<HTMLElement>('.scroll, .pane-head button'))?.focus();
    }
    // Sixteen bytes in a row need more room than text does.
    this.parentElement?.classList.toggle('with-hex', this.querySelector('.as-hex') !== null);
  }

  #grab(): TemplateResult {
    return html`<button class="grab" aria-label=${t('details.height')} @click=${this.#grabbed} @pointerdown=${this.#drag} @keydown=${this.#resize}></button>`;
  }

  /** A drag makes the sheet taller or lower, down to nothing; a tap goes from low to tall and back. */
  #drag(event: PointerEvent): void {
    const grab = event.currentTarget as HTMLElement;
    const from = this.getBoundingClientRect().height;
    const start = event.clientY;
    this.#moved = false;
    grab.setPointerCapture(event.pointerId);
    const move = ({ clientY }: PointerEvent): void => {
      if (Math.abs(clientY - start) > 4) this.#moved = true;
      if (this.#moved) this.#setHeight(from + start - clientY);
    };
    grab.addEventListener('pointermove', move);
    grab.addEventListener('lostpointercapture', () => {
      grab.removeEventListener('pointermove', move);
      if (this.#moved && this.getBoundingClientRect().height < SHEET_CLOSES_PX) this.#close();
    }, { once: true });
  }

  #grabbed(): void {
    const tall = this.getBoundingClientRect().height > window.innerHeight / 2;
    if (!this.#moved) this.#setHeight(window.innerHeight * (tall ? 0.33 : 0.7));
    this.#moved = false;
  }

  #resize(event: KeyboardEvent): void {
    const step = event.key === 'ArrowUp' ? 60 : event.key === 'ArrowDown' ? -60 : 0;
    if (step === 0) return;
    event.preventDefault();
    const height = this.getBoundingClientRect().height + step;
    if (height < SHEET_CLOSES_PX) this.#close();
    else this.#setHeight(height);
  }

  #setHeight(pixels: number): void {
    this.style.setProperty('--sheet', `${Math.round(Math.min(pixels, window.innerHeight * 0.85))}px`);
  }

  #close(): void {
    this.style.removeProperty('--sheet');
    this.model.openSheet(false);
    this.model.look({ path: null }, 'replace');
  }

  #absent(path: string): TemplateResult {
    return html`${this.#grab()}<div class="pane-head">${crumb(path, (to) => this.model.look({ path: to }, 'replace'))}${this.#closeButton()}</div>
      <div class="empty"><p class="mid-ink">${t(this.model.meter.busy ? 'details.not-yet' : 'details.not-here')}</p></div>`;
  }

  #closeButton(): TemplateResult {
    return html`<button class="icon small" aria-label=${t('close')} title=${t('close')} @click=${(): void => this.#close()}>${icon('x')}</button>`;
  }

  #file(details: Details): TemplateResult {
    const { model } = this;
    const { row, path } = details;
    const hasContent = details.readable;
    const tabs: SubTab[] = hasContent ? [...this.#kinds, 'attributes'] : ['attributes'];
    const tab = this.tab !== null && tabs.includes(this.tab) ? this.tab : (tabs[0] ?? 'attributes');
    const label = t('details.of', { path: show(path) });
    return html`<h2 class="vh">${label}</h2>${this.#grab()}
      <div class="pane-head">${sign(row.deletedBy === null ? row.change : 'removed')}${crumb(path, (to) => model.look({ path: to }, 'replace'))}
        ${copyButton(model, path, t('path'))}
        ${hasContent ? this.#saveButton(details) : nothing}${this.#closeButton()}</div>
      <div class="subtabs" role="tablist" aria-label=${label} @keydown=${(event: KeyboardEvent): void => rove(event, '[role=tab]')}>
        ${tabs.map((each) => html`<button class="tab" role="tab" id="sub-${each}" aria-selected=${each === tab} aria-controls="sub-panel" tabindex=${each === tab ? 0 : -1} @click=${(): void => void (this.tab = each)}>${t(`details.${each}`)}</button>`)}
      </div>
      <div class="scroll" role="tabpanel" id="sub-panel" aria-labelledby="sub-${tab}" tabindex="0"><div class="detail-body as-${tab}">
        ${hasContent && tab !== 'attributes' ? html`<div class="block code-block"><file-content .model=${model} .details=${details} .as=${tab} @kind=${this.#learnKind}></file-content></div>` : nothing}
        <div class="block"><header><h3>${t('through')}</h3></header>${story(model, details, this.compared, (compared) => void (this.compared = compared))}
          ${this.compared === null ? nothing : html`<file-diff .model=${model} .path=${path} .older=${this.compared.before} .newer=${this.compared.after}></file-diff>`}</div>
        <div class="block"><header><h3>${t('details.attributes')}</h3></header>${attributes(model, details, tab === 'attributes')}</div>
      </div></div>`;
  }

  /** The first bytes tell what a file is best shown as; a choice of the user is kept. */
  #learnKind(event: CustomEvent<Kinds>): void {
    this.#kinds = event.detail.all;
    this.tab ??= event.detail.best;
    this.requestUpdate();
  }

  #saveButton(details: Details): TemplateResult {
    if (this.#saving !== null) {
      return html`<button class="icon small" aria-label=${t('download-cancel')} title=${t('download-cancel')} @click=${(): void => this.#saving?.abort()}>${icon('stop')}</button>`;
    }
    return html`<button class="icon small" aria-label=${t('download')} title=${t('download')} @click=${(): void => void this.#save(details)}>${icon('save')}</button>`;
  }

  async #save(details: Details): Promise<void> {
    const { client, scope } = this.model;
    if (client === null) return;
    const saving = (this.#saving = new AbortController());
    this.requestUpdate();
    try {
      await download(client, scope, details, saving.signal, (done) => this.model.notify({ text: t('downloading', { done: bytes(done), size: bytes(details.row.size) }) }));
    } catch (error) {
      if (!saving.signal.aborted) this.model.notify({ text: errorView(error).text });
    }
    this.#saving = null;
    this.requestUpdate();
  }
}

/** A path whose parts lead to the directories above. */
function crumb(path: string, go: (path: string) => void): TemplateResult {
  const names = path.split('/').filter((name) => name !== '');
  const last = names.pop();
  return html`<nav class="crumb grow" aria-label=${t('path')}><span>/</span>${names.map((name, index) => {
    const to = `/${names.slice(0, index + 1).join('/')}`;
    return html`<button @click=${(): void => go(to)}>${shown(name)}</button><span>/</span>`;
  })}<b>${shown(last ?? '')}</b></nav>`;
}

function attributes(model: Model, details: Details, all: boolean): TemplateResult {
  const { row } = details;
  const owner = details.uname === '' && details.gname === '' ? '' : ` ${details.uname}:${details.gname}`;
  return html`<dl class="kv">
    ${fact('kind', t(`kind.${row.kind === 'other' ? 'unknown' : row.kind}`), '')}
    ${row.kind === 'file' || row.kind === 'hardlink' ? fact('size', html`${bytes(row.size)}${row.size < 1000 ? nothing : html` <span class="dim">${t('bytes', { n: row.size })}</span>`}`, '') : nothing}
    ${row.synthetic ? fact('row.synthetic-term', t('row.synthetic-why'), 'dim') : html`${fact('mode', `${modeOctal(row.mode)} ${details.modeText}`)}${fact('owner', html`${row.uid}:${row.gid}${shown(owner)}`)}${fact('modified', exactTime(details.mtime))}`}
    ${row.link === null ? nothing : fact('link-target', shown(row.link))}
    ${details.links.length === 0 ? nothing : fact('leads-to', html`<ol class="plain-list">${details.links.map((link) => html`<li>${hop(model, link)}</li>`)}</ol>`, '')}
    ${details.readable ? fact('sha256', html`<file-digest .model=${model} .details=${details}></file-digest>`, '') : nothing}
    ${details.device === null ? nothing : fact('device', details.device.join(', '))}
    ${fact('xattrs', details.xattrs.length === 0 ? t('none') : details.xattrs.map((xattr) => html`<span class="xattr"><span class="mono">${shown(xattr.name)}</span> ${xattr.meaning === undefined ? html`<span class="mono dim">${shown(xattr.value)}</span>` : html`<b>${shown(xattr.meaning)}</b> <span class="mono dim">${xattr.base64}</span>`}</span>`), '')}
    ${details.pathBase64 === null ? nothing : fact('path-bytes', details.pathBase64)}
    ${all && details.offset !== null ? fact('offset', t('bytes', { n: details.offset })) : nothing}
  </dl>`;
}

/** One step of where a link leads, as a way to go there. */
function hop(model: Model, { path, node, state, leavesRoot }: Hop): TemplateResult {
  const name = node === null ? html`<span class="mono">${shown(path)}</span>` : html`<button class="plain mono" @click=${(): void => model.look({ path }, 'replace')}>${shown(path)}</button>`;
  return html`${name}${state === 'found' ? nothing : html` <span class="grave">${t(`hop.${state}`)}</span>`}${leavesRoot ? html` <span class="dim">${t('hop.leaves-root')}</span>` : nothing}`;
}

customElements.define('details-pane', DetailsPane);
