/** What an ELF file says of itself, as facts. Asked for when somebody looks. */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { errorView } from '../client.ts';
import { number, t } from '../i18n.ts';
import type { Details, ElfView, ErrorView } from '../protocol.ts';
import { shown } from '../show.ts';
import { errorCard } from './error-card.ts';
import { fact } from './marks.ts';
import { Part } from './part.ts';

export class ElfFacts extends Part {
  static override properties = { ...Part.properties, details: { attribute: false }, elf: { state: true }, error: { state: true } };
  declare details: Details;
  declare elf: ElfView | null;
  declare error: ErrorView | null;
  #of = '';

  constructor() {
    super();
    this.elf = null;
    this.error = null;
  }

  protected override willUpdate(changed?: PropertyValues<this>): void {
    super.willUpdate();
    const { path, offset, row } = this.details;
    const of = `${path} ${offset} ${row.layer}`;
    if (changed?.has('details') !== true || of === this.#of) return;
    this.#of = of;
    this.elf = this.error = null;
    void this.#load(of);
  }

  async #load(of: string): Promise<void> {
    const { client, scope } = this.model;
    try {
      const elf = (await client?.request('elf', { scope, node: this.details.node })) ?? null;
      if (of === this.#of) this.elf = elf;
    } catch (error) {
      if (of === this.#of) this.error = errorView(error);
    }
  }

  override render(): TemplateResult {
    if (this.error !== null) return html`<div class="block">${errorCard(this.model, this.error)}</div>`;
    if (this.elf === null) return html`<p class="block dim" role="status">${t('reading')}</p>`;
    return html`<div class="block">${facts(this.elf)}</div>`;
  }
}

function facts(elf: ElfView): TemplateResult {
  const { bits, endian } = elf;
  const machine = bits === null || endian === null ? elf.machine : `${elf.machine}, ${t('elf.form', { bits: number(bits), endian: t(`elf.endian.${endian}`) })}`;
  const yes = (value: boolean | null): string => (value === null ? '' : t(value ? 'yes' : 'no'));
  const name = (value: string | null): unknown => value === null ? null : shown(value);
  const symbols = elf.stripped === null ? [] : [t(elf.stripped ? 'elf.symbols.stripped' : 'elf.symbols.kept')];
  if (elf.debug === true) symbols.push(t('elf.symbols.debug'));
  if (elf.miniDebug === true) symbols.push(t('elf.symbols.mini-debug'));
  const nx = elf.nx === null ? 'unstated' : elf.nx ? 'yes' : 'no';
  return html`<dl class="kv">
    ${fact('elf.kind', t(`elf.kind.${elf.kind}`), '')}
    ${fact('elf.machine', machine, '')}
    ${elf.linking === null ? nothing : fact('elf.linking', t(`elf.linking.${elf.linking}`), '')}
    ${fact('elf.interpreter', name(elf.interpreter))}
    ${elf.needed.length === 0 ? nothing : fact('elf.needed', html`<ul class="plain-list">${elf.needed.map((each) => html`<li>${shown(each)}</li>`)}</ul>`)}
    ${fact('elf.soname', name(elf.soname))}
    ${fact('elf.rpath', name(elf.rpath))}
    ${fact('elf.runpath', name(elf.runpath))}
    ${fact('elf.build-id', elf.buildId)}
    ${fact('elf.symbols', symbols.join(t('comma')), '')}
    ${elf.relro === null ? nothing : html`${fact('elf.relro', t(`elf.relro.${elf.relro}`), '')}${fact('elf.nx', t(`elf.nx.${nx}`), nx === 'no' ? 'grave' : '')}`}
    ${fact('elf.canary', yes(elf.canary), '')}
    ${fact('elf.fortify', yes(elf.fortify), '')}
    ${elf.faults.map(({ part, kind, offset }) => fact('elf.faults', t(`elf.fault.${kind}`, { part: t(`elf.part.${part}`), offset: number(offset) }), ''))}
  </dl>`;
}

customElements.define('elf-facts', ElfFacts);
