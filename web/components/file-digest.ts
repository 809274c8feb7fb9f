/** The SHA-256 of a file, worked out when somebody asks: all of its bytes have to be read for it. */
import { html, type PropertyValues, type TemplateResult } from 'lit';
import { errorView } from '../client.ts';
import { bytesOf } from '../format.ts';
import { icon } from '../icons.ts';
import { t } from '../i18n.ts';
import type { Details } from '../protocol.ts';
import { shown } from '../show.ts';
import { copyButton } from './marks.ts';
import { Part } from './part.ts';

export class FileDigest extends Part {
  static override properties = { ...Part.properties, details: { attribute: false }, digest: { state: true }, read: { state: true }, failed: { state: true } };
  declare details: Details;
  declare digest: string | null;
  /** Bytes read so far; null while nobody asked. */
  declare read: number | null;
  declare failed: string | null;
  #of = '';
  readonly #heard = (event: Event): void => {
    if (this.read !== null) this.read = (event as CustomEvent<number>).detail;
  };

  constructor() {
    super();
    this.digest = this.read = this.failed = null;
  }

  protected override willUpdate(changed?: PropertyValues<this>): void {
    super.willUpdate();
    const { path, offset, row } = this.details;
    const of = `${path} ${offset} ${row.layer}`;
    if (changed?.has('details') !== true || of === this.#of) return;
    this.#stop();
    this.#of = of;
    this.digest = this.failed = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
    this.#of = '';
  }

  override render(): TemplateResult {
    const { model, digest, read, failed, details } = this;
    if (digest !== null) return html`<span class="val"><span class="mono whole">${digest}</span>${copyButton(model, digest, t('sha256'))}</span>`;
    if (read !== null) {
      const { size } = details.row;
      return html`<span class="val"><progress max=${size} .value=${read} aria-label=${t('sha256')}></progress> <span>${bytesOf(read, size)}</span>
        <button class="icon small" aria-label=${t('sha256.stop')} title=${t('sha256.stop')} @click=${(): void => this.#stop()}>${icon('stop')}</button></span>`;
    }
    return html`${failed === null ? '' : html`<span>${shown(failed)}</span> `}<button class="btn small" @click=${(): void => void this.#ask()}>${t('sha256.ask')}</button>`;
  }

  async #ask(): Promise<void> {
    const { client, scope } = this.model;
    if (client === null) return;
    const of = this.#of;
    this.read = 0;
    this.failed = null;
    this.model.addEventListener('digesting', this.#heard);
    try {
      const digest = await client.request('digest', { scope, node: this.details.node });
      if (of === this.#of && this.read !== null) this.digest = digest;
    } catch (error) {
      const { name, text } = errorView(error);
      if (of === this.#of && name !== 'cancelled') this.failed = text;
    }
    if (of === this.#of) this.#end();
  }

  #stop(): void {
    if (this.read === null) return;
    this.#end();
    this.model.client?.request('digest-stop').catch(() => {});
  }

  #end(): void {
    this.read = null;
    this.model.removeEventListener('digesting', this.#heard);
  }
}

customElements.define('file-digest', FileDigest);
