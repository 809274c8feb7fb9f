/** What is in a file: text with line numbers, bytes in hex, or a picture. Read from the worker as far as it is shown. */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { errorView } from '../client.ts';
import {
  hexRow, HEX_ROW, IMAGE_LIMIT, imageType, isBinary, isElf, isJson, isOsRelease, PREVIEW_BYTES, PREVIEW_LIMIT, readOsRelease, readText, splitLines, type ImageType, type Lines,
  type Text,
} from '../content.ts';
import { bytes, bytesOf, hexOffset } from '../format.ts';
import { number, t } from '../i18n.ts';
import type { Details, ErrorView } from '../protocol.ts';
import { layOut, type JsonLine } from '../json-lines.ts';
import { show, shown } from '../show.ts';
import './elf-facts.ts';
import { errorCard } from './error-card.ts';
import { jsonLine } from './json-line.ts';
import './long-list.ts';
import { Part } from './part.ts';
import './text-view.ts';

export type ContentKind = 'text' | 'hex' | 'image' | 'elf' | 'json' | 'table';

/** As what a file can be shown, and as what it is best shown. */
export interface Kinds {
  readonly all: readonly ContentKind[];
  readonly best: ContentKind;
}

/** Dispatches `kind` with {@link Kinds}, once the file's first bytes are known. */
export class FileContent extends Part {
  static override properties = { ...Part.properties, details: { attribute: false }, as: {}, loaded: { state: true }, error: { state: true } };
  declare details: Details;
  declare as: ContentKind;
  declare loaded: Uint8Array | null;
  declare error: ErrorView | null;
  #text: (Text & Lines) | null = null;
  #image: { type: ImageType; url: string } | null = null;
  #json: readonly JsonLine[] = [];
  readonly #drawJson = (index: number): TemplateResult => jsonLine(this.#json[index], index);
  #drawHex: (index: number) => TemplateResult = () => html``;
  #asked = 0;
  #loading = false;

  constructor() {
    super();
    this.as = 'text';
    this.loaded = null;
    this.error = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#release();
    this.loaded = null;
  }

  protected override willUpdate(changed?: PropertyValues<this>): void {
    super.willUpdate();
    if (changed?.has('details') !== true) return;
    const before = changed.get('details') as Details | undefined;
    const { details } = this;
    // The same file after the tree was drawn anew: what is loaded stays.
    if (before !== undefined && before.path === details.path && before.offset === details.offset && before.row.layer === details.row.layer && this.loaded !== null) return;
    this.#release();
    this.loaded = null;
    this.error = null;
    void this.#load(PREVIEW_BYTES);
  }

  async #load(upTo: number): Promise<void> {
    const { client, scope } = this.model;
    const { node, row } = this.details;
    const ask = (this.#asked += 1);
    if (client === null) return;
    this.#loading = true;
    const have = this.loaded ?? new Uint8Array();
    try {
      const { bytes: fresh } = await client.request('content', { scope, node, from: have.length, length: Math.min(upTo, row.size) - have.length });
      if (ask !== this.#asked) return;
      const all = new Uint8Array(have.length + fresh.byteLength);
      all.set(have);
      all.set(new Uint8Array(fresh), have.length);
      this.#take(all);
      this.error = null;
    } catch (error) {
      if (ask === this.#asked) this.error = errorView(error);
    }
    this.#loading = false;
    this.requestUpdate();
  }

  #take(all: Uint8Array): void {
    const first = this.loaded === null;
    const { size } = this.details.row;
    this.#text = null;
    this.#drawHex = (index) => drawHex(all, index, size);
    const type = imageType(all);
    if (first && type !== null && size <= IMAGE_LIMIT) void this.#picture(type, all);
    // First the view that is best, so that no other is drawn before it.
    if (first) this.dispatchEvent(new CustomEvent<Kinds>('kind', { detail: this.#kinds(all, type !== null && size <= IMAGE_LIMIT) }));
    this.loaded = all;
  }

  #kinds(all: Uint8Array, isImage: boolean): Kinds {
    if (isImage) return { all: ['image', 'hex'], best: 'image' };
    if (isElf(all)) return { all: ['elf', 'hex'], best: 'elf' };
    if (isBinary(all)) return { all: ['text', 'hex'], best: 'hex' };
    const { size } = this.details.row;
    const whole = all.length === size && size > 0;
    if (whole && isOsRelease(this.details.path)) return { all: ['table', 'text', 'hex'], best: 'table' };
    if (whole) {
      const { text } = readText(all, false);
      this.#json = (isJson(text) ? layOut(text) : null) ?? [];
      if (this.#json.length > 0) return { all: ['json', 'text', 'hex'], best: 'json' };
    }
    return { all: ['text', 'hex'], best: 'text' };
  }

  /** A picture needs all of its bytes. Its type is the one its bytes say, never one that a name or the image claims. */
  async #picture(type: ImageType, first: Uint8Array): Promise<void> {
    const { size } = this.details.row;
    const ask = this.#asked;
    let all: BlobPart = first as Uint8Array<ArrayBuffer>;
    if (first.length < size) {
      const answer = await this.model.client?.request('content', { scope: this.model.scope, node: this.details.node, from: 0, length: size }).catch(() => null);
      if (answer == null) return;
      all = answer.bytes;
    }
    if (ask !== this.#asked) return;
    this.#image = { type, url: URL.createObjectURL(new Blob([all], { type })) };
    this.requestUpdate();
  }

  #release(): void {
    this.#asked += 1;
    if (this.#image !== null) URL.revokeObjectURL(this.#image.url);
    this.#image = this.#text = null;
  }

  override render(): TemplateResult {
    const { loaded, details, error } = this;
    if (error !== null && loaded === null) return html`<div class="block">${errorCard(this.model, error)}</div>`;
    if (loaded === null) return html`<p class="block dim" role="status">${t('reading')}</p>`;
    if (details.row.size === 0) return html`<p class="block dim">${t('content.empty')}</p>`;
    const isWhole = this.as === 'image' || this.as === 'elf';
    return html`${this.#body(loaded)}${isWhole ? nothing : this.#more(loaded.length)}${error === null ? nothing : html`<div class="block">${errorCard(this.model, error)}</div>`}`;
  }

  #body(loaded: Uint8Array): TemplateResult {
    if (this.as === 'image' && this.#image !== null) return this.#drawImage(this.#image);
    if (this.as === 'hex') return this.#hex(loaded);
    if (this.as === 'elf') return html`<elf-facts .model=${this.model} .details=${this.details}></elf-facts>`;
    if (this.as === 'json') return html`<long-list .count=${this.#json.length} .draw=${this.#drawJson} .label=${t('content.json')} kind="code plain json"></long-list>`;
    // Read when it is looked at, for that takes a while.
    const text = (this.#text ??= this.#read(loaded));
    if (this.as === 'table') return table(text.text);
    return html`<text-view .text=${text}></text-view>`;
  }

  #read(loaded: Uint8Array): Text & Lines {
    const text = readText(loaded, loaded.length < this.details.row.size);
    return { ...text, ...splitLines(text.text) };
  }

  #hex(loaded: Uint8Array): TemplateResult {
    return html`<long-list .count=${Math.ceil(loaded.length / HEX_ROW)} .draw=${this.#drawHex} .label=${t('content.hex')} kind="code hex-rows"></long-list>`;
  }

  #drawImage(image: { type: ImageType; url: string }): TemplateResult {
    return html`<figure class="picture"><img src=${image.url} alt=${t('content.picture', { path: show(this.details.path) })} @load=${(event: Event): void => this.#measured(event)}><figcaption class="dim">${image.type.slice(6).toUpperCase()}, ${bytes(this.details.row.size)}<span class="dimensions"></span></figcaption></figure>`;
  }

  #measured(event: Event): void {
    const { naturalWidth, naturalHeight } = event.target as HTMLImageElement;
    const place = this.querySelector('.dimensions');
    if (place !== null) place.textContent = `, ${number(naturalWidth)} × ${number(naturalHeight)}`;
  }

  #more(have: number): TemplateResult | typeof nothing {
    const { size } = this.details.row;
    if (have >= size) return nothing;
    return html`<p class="more-bytes"><span>${t('content.shown', { amount: bytesOf(have, size) })}</span>
      ${have >= PREVIEW_LIMIT ? html`<span>${t('content.too-long')}</span>` : html`<button class="btn small" ?disabled=${this.#loading} @click=${(): void => void this.#load(have + PREVIEW_BYTES)}>${t('content.more')}</button>`}</p>`;
  }
}

function table(text: string): TemplateResult {
  return html`<div class="block"><dl class="kv">${readOsRelease(text).map(([name, value]) => html`<dt class="mono">${shown(name)}</dt><dd>${shown(value)}</dd>`)}</dl></div>`;
}

function drawHex(all: Uint8Array, row: number, size: number): TemplateResult {
  const { hex, ascii } = hexRow(all, row);
  return html`<span>${hexOffset(row * HEX_ROW, size)}</span><span>${hex}</span><span>${ascii}</span>`;
}

customElements.define('file-content', FileContent);
