/** The documents themselves: manifest, config and indexes, byte for byte what was hashed, laid out to be read. */
import { html, nothing, type TemplateResult } from 'lit';
import { errorView, type Client } from '../client.ts';
import { bytes } from '../format.ts';
import { t } from '../i18n.ts';
import { layOut } from '../json-lines.ts';
import { splitLines } from '../content.ts';
import type { BlobView, DocumentView, ErrorView } from '../protocol.ts';
import { pieces, show, shown } from '../show.ts';
import { errorCard } from './error-card.ts';
import { jsonLine, type Lead } from './json-line.ts';
import './long-list.ts';
import { blobSeal, copyButton, digestValue, fact, segmented } from './marks.ts';
import { Part } from './part.ts';

interface Laid {
  readonly document: DocumentView;
  readonly count: number;
  readonly draw: (index: number) => TemplateResult;
}

/** `manifest`, `config`, or the number of an index. */
type Which = 'manifest' | 'config' | `index-${number}`;

export class RawView extends Part {
  static override properties = { ...Part.properties, which: { state: true }, error: { state: true }, asStored: { state: true } };
  declare which: Which;
  declare error: ErrorView | null;
  /** The text as it is stored, without our line breaks. */
  declare asStored: boolean;
  #documents = new Map<Which, Laid | null>();
  #client: Client | null = null;
  #chosen: number | null = null;
  #stored = false;

  constructor() {
    super();
    this.which = 'manifest';
    this.error = null;
    this.asStored = false;
  }

  protected override willUpdate(): void {
    super.willUpdate();
    const { client, overview } = this.model;
    if (client === null || overview?.image == null) return;
    if (client !== this.#client || overview.chosen !== this.#chosen || this.asStored !== this.#stored) {
      this.#client = client;
      this.#chosen = overview.chosen;
      this.#stored = this.asStored;
      this.#documents.clear();
      this.error = null;
    }
    if (overview.image.manifest === null && this.which === 'manifest') this.which = 'config';
    if (this.#documents.has(this.which)) return;
    if (this.which === 'manifest' || this.which === 'config') {
      this.#documents.set(this.which, null);
      void this.#ask(client, this.which);
    } else {
      const document = overview.indexes[Number(this.which.slice('index-'.length))];
      this.#documents.set(this.which, document === undefined ? null : this.#lay(document));
    }
  }

  async #ask(client: Client, what: 'manifest' | 'config'): Promise<void> {
    try {
      const document = await client.request('raw', { what });
      if (client !== this.#client) return;
      if (document !== null) this.#documents.set(what, this.#lay(document));
    } catch (error) {
      if (client === this.#client) this.error = errorView(error);
    }
    this.requestUpdate();
  }

  #lay(document: DocumentView): Laid {
    const laid = this.asStored ? null : layOut(document.text);
    if (laid !== null) return { document, count: laid.length, draw: (index) => jsonLine(laid[index], index, (digest) => this.#leadOf(digest)) };
    const { lines } = splitLines(document.text);
    return { document, count: lines.length, draw: (index) => html`<span>${lines[index]?.number ?? ''}</span><span>${pieces(lines[index]?.text ?? '', { lines: true })}</span>` };
  }

  /** Where a digest leads: to its layer, its document, its platform, or what stands beside the images. Null: to nothing that is here. */
  #leadOf(digest: string): Lead | null {
    const { model } = this;
    const { overview, image } = model;
    if (overview === null || image === null) return null;
    const layer = image.layers.find((each) => each.digest === digest || each.diffId === digest || each.chainId === digest);
    if (layer !== undefined) return { text: t('layer', { number: layer.number }), go: () => model.look({ tab: 'files', layer: layer.number, scope: 'layer', path: null }) };
    if (digest === (image.config?.digest ?? image.imageId)) return { text: t('raw.config'), go: () => void (this.which = 'config') };
    if (digest === image.digest) return { text: t('raw.manifest'), go: () => void (this.which = 'manifest') };
    const choice = overview.choices.find((each) => each.digest === digest);
    if (choice !== undefined) return { text: t('platforms.switch-to', { name: show(choice.platform ?? t('platform.none')) }), go: () => model.choose(choice) };
    const index = overview.indexes.findIndex(({ blob }) => (blob.digest ?? blob.digestFound) === digest);
    if (index >= 0) return { text: t('raw.index'), go: () => void (this.which = `index-${index}`) };
    return overview.others.some((each) => each.digest === digest) ? { text: t('platforms.beside'), go: () => model.look({ tab: 'platforms' }) } : null;
  }

  override render(): TemplateResult {
    const { overview } = this.model;
    if (overview?.image == null) return html``;
    const options: { value: Which; text: string }[] = [
      ...(overview.image.manifest === null ? [] : [{ value: 'manifest' as const, text: t('raw.manifest') }]),
      { value: 'config', text: t('raw.config') },
      ...overview.indexes.map((_, index) => ({ value: `index-${index}` as const, text: overview.indexes.length === 1 ? t('raw.index') : t('raw.index-n', { number: index + 1 }) })),
    ];
    const laid = this.#documents.get(this.which);
    return html`<section class="card raw" aria-label=${t('tab.raw')}><header>${segmented(t('raw.which'), options, this.which, (which) => void (this.which = which))}
        <span class="grow"></span><button class="facet" aria-pressed=${this.asStored} @click=${(): void => void (this.asStored = !this.asStored)}>${t('raw.as-stored')}</button>
        ${laid == null ? nothing : copyButton(this.model, laid.document.text, options.find(({ value }) => value === this.which)?.text ?? '')}</header>
      ${this.error === null ? nothing : html`<div class="body">${errorCard(this.model, this.error)}</div>`}
      ${laid == null ? (this.error === null ? html`<p class="body dim" role="status">${t('reading')}</p>` : nothing) : html`${this.#head(laid.document.blob)}
        <long-list .count=${laid.count} .draw=${laid.draw} .label=${t('raw.text')} kind="code plain json"></long-list>`}
    </section>`;
  }

  #head(blob: BlobView): TemplateResult {
    const { model } = this;
    const { digest, digestFound, digestOk } = blob;
    return html`<div class="body head"><dl class="kv">
        ${blob.mediaType === null ? nothing : fact('media-type', shown(blob.mediaType))}
        ${fact('size', `${bytes(blob.size)}${blob.sizeStated !== null && blob.sizeStated !== blob.size ? ` (${t('raw.stated', { size: bytes(blob.sizeStated) })})` : ''}`, '')}
        ${fact('digest', html`<span class="seals">${digestValue(model, t('digest'), digest ?? digestFound)}${blobSeal(digestOk)}</span>`, '')}
      </dl></div>
      ${digestOk === false ? html`<div class="body">${errorCard(model, { name: 'digest-mismatch', expected: digest ?? '', found: digestFound, text: '' })}</div>` : nothing}
      ${blob.error === null ? nothing : html`<div class="body">${errorCard(model, blob.error)}</div>`}`;
  }
}

customElements.define('raw-view', RawView);
