/** What is attached to the image: signatures, lists of its software, what is said of how it was built. */
import { html, nothing, type TemplateResult } from 'lit';
import { errorView, type Client } from '../client.ts';
import { hand } from '../download.ts';
import { bytes, dateTime } from '../format.ts';
import { icon } from '../icons.ts';
import { number, t, tn, type Key } from '../i18n.ts';
import { layOut } from '../json-lines.ts';
import type { AttachedArtifact, AttachedView as Attached, ErrorView, StatedItem, StatementView } from '../protocol.ts';
import { shown } from '../show.ts';
import { statementText } from '../statement.ts';
import { errorCard } from './error-card.ts';
import { jsonLine } from './json-line.ts';
import './long-list.ts';
import { blobSeal, copyButton, digestValue, fact } from './marks.ts';
import { Part } from './part.ts';

/** Packages or materials that are drawn at once. */
const STEP = 20;

interface Reading {
  readonly text: string;
  readonly lines: ReturnType<typeof layOut>;
}

export class AttachedViewPart extends Part {
  static override properties = { ...Part.properties, view: { state: true }, error: { state: true }, limits: { state: true }, wanted: { state: true } };
  /** Null while it is looked for. */
  declare view: Attached | null;
  declare error: ErrorView | null;
  /** How many items of a statement are drawn, by its digest. */
  declare limits: Readonly<Record<string, number>>;
  /** What items have to contain, by the statement's digest. */
  declare wanted: Readonly<Record<string, string>>;
  #readings = new Map<string, Reading>();
  #client: Client | null = null;
  #of: number | null = null;

  constructor() {
    super();
    this.view = this.error = null;
    this.limits = this.wanted = {};
  }

  protected override willUpdate(): void {
    super.willUpdate();
    const { client, overview } = this.model;
    if (client === null || overview?.image == null) return;
    if (client === this.#client && overview.chosen === this.#of) return;
    this.#client = client;
    this.#of = overview.chosen;
    this.view = this.error = null;
    this.#readings.clear();
    void this.#look(client, overview.chosen);
  }

  async #look(client: Client, of: number | null): Promise<void> {
    const is = (): boolean => client === this.#client && of === this.#of;
    try {
      const view = await client.request('attached');
      if (is()) this.view = view;
    } catch (error) {
      if (is()) this.error = errorView(error);
    }
  }

  override render(): TemplateResult {
    const { view, error } = this;
    if (error !== null) return html`<section class="card"><div class="body">${errorCard(this.model, error)}</div></section>`;
    if (view === null) return html`<section class="card"><p class="body dim" role="status">${t('attached.looking')}</p></section>`;
    const signed = view.artifacts.some(({ statements }) => statements.some(({ signatures }) => signatures > 0));
    return html`<section class="card" aria-labelledby="at-h"><header><h2 id="at-h">${t('tab.attestations')}</h2><span class="aside">${number(view.artifacts.length)}</span></header><div class="body">
        <p class="mid-ink lead-in">${t('attached.lead')}</p>
        ${view.artifacts.length > 0 ? nothing : html`<div class="say info">${icon('info')}<p>${t(view.possible ? 'attached.none' : 'attached.impossible')}</p></div>`}
        ${signed ? html`<div class="notice">${icon('info')}<p>${t('attached.unchecked')}</p></div>` : nothing}
        ${view.byTag ? html`<p class="dim">${t('attached.by-tag')}</p>` : nothing}
        ${view.problems.map((problem) => errorCard(this.model, problem, { title: t('attached.incomplete') }))}
      </div></section>
      ${view.artifacts.map((artifact, index) => this.#artifact(artifact, index))}`;
  }

  #artifact(artifact: AttachedArtifact, index: number): TemplateResult {
    const { model } = this;
    const { digest, tag } = artifact;
    const kinds = [...new Set(artifact.statements.map(({ kind }) => t(`attached.kind.${kind}`)))];
    const manifest = this.#json(digest, t('raw.manifest'));
    return html`<section class="card stated" aria-labelledby="at-${index}"><header><h2 id="at-${index}">${kinds.length > 0 ? kinds.join(', ') : shown(artifact.artifactType ?? artifact.mediaType)}</h2>
        <span class="seals">${blobSeal(artifact.digestOk)}</span></header><div class="body">
      <div class="origin"><span>${t(`attached.place.${artifact.place}`)}${artifact.of === null ? nothing : html`, ${t(`attached.of.${artifact.of}`)}`}</span>
        ${digestValue(model, t('digest'), digest)}<code>${shown(artifact.artifactType ?? artifact.mediaType)}</code>${tag === null ? nothing : html`<code>${shown(tag)}</code>`}${manifest.buttons}</div>
      ${artifact.error === null ? nothing : errorCard(model, artifact.error)}
      ${manifest.text}
      ${artifact.statements.map((statement) => this.#statement(statement))}</div></section>`;
  }

  #statement(statement: StatementView): TemplateResult {
    const { model } = this;
    const { digest, error, facts, namesImage, signatures } = statement;
    const kind = t(`attached.kind.${statement.kind}`);
    const json = this.#json(digest, kind);
    return html`<section class="statement" aria-label=${kind}><header><h3>${kind}</h3>
        <span class="seals">${statement.digestOk === null ? nothing : blobSeal(statement.digestOk)}${namesImage === true ? html`<span class="tag ok">${icon('check')}${t('attached.names-image')}</span>` : nothing}${signatures > 0 ? html`<span class="tag">${tn('attached.signed', signatures)}</span>` : nothing}</span>${error === null ? json.buttons : nothing}</header>
      ${namesImage === false ? html`<div class="notice">${icon('alert')}<p>${t('attached.names-other')}</p></div>` : nothing}
      ${statement.digestOk === false ? errorCard(model, { name: 'digest-mismatch', expected: digest, text: '' }) : nothing}
      ${error === null ? nothing : errorCard(model, error)}
      <div class="twin"><dl class="kv">${fact('digest', digestValue(model, t('digest'), digest), '')}${fact('size', bytes(statement.size), '')}${fact('fact.predicate', statement.predicateType === null ? null : shown(statement.predicateType))}
        ${[...new Set(facts.map(({ name }) => name))].map((name) => html`<dt>${t(`fact.${name}` as Key)}</dt>${facts.filter((each) => each.name === name).map(({ value }) => html`<dd class="mono">${told(name, value)}</dd>`)}`)}</dl>
      ${statement.itemCount === 0 ? nothing : html`<div>${this.#items(statement)}</div>`}</div>
      ${error === null ? json.text : nothing}</section>`;
  }

  #items(statement: StatementView): TemplateResult {
    const { digest, items, itemCount } = statement;
    const isBuild = statement.kind === 'slsa';
    const title = t(isBuild ? 'attached.materials' : 'attached.packages');
    const wanted = (this.wanted[digest] ?? '').toLowerCase();
    const found = wanted === '' ? items : items.filter((item) => textOf(item).includes(wanted));
    const limit = this.limits[digest] ?? STEP;
    const rest = found.length - limit;
    return html`<h4>${title} <span class="dim">${number(itemCount)}</span></h4>
      ${items.length <= STEP ? nothing : html`<label class="field sought"><span class="vh">${t('attached.filter')}</span><input type="search" placeholder=${t('attached.filter')} .value=${this.wanted[digest] ?? ''} @input=${(event: Event): void => void (this.wanted = { ...this.wanted, [digest]: (event.target as HTMLInputElement).value })}></label>
        <p class="dim" role="status">${t('attached.shown-of', { shown: number(Math.min(limit, found.length)), n: number(itemCount) })}</p>`}
      <div class="over" tabindex="0" role="group" aria-label=${title}><table class="tbl"><thead><tr><th scope="col">${t('fact.name')}</th><th scope="col">${t(isBuild ? 'digest' : 'attached.version')}</th>${isBuild ? nothing : html`<th scope="col">${t('attached.licence')}</th>`}</tr></thead>
      <tbody>${found.slice(0, limit).map((item) => html`<tr><td class="mono path" title=${item.purl ?? nothing}>${shown(item.name)}</td><td class="mono path">${shown(item.version ?? '–')}</td>${isBuild ? nothing : html`<td>${shown(item.licence ?? '–')}</td>`}</tr>`)}</tbody></table></div>
      ${rest <= 0 ? nothing : html`<button class="text-btn" @click=${(): void => void (this.limits = { ...this.limits, [digest]: limit * 10 })}>${t('attached.more', { n: number(rest) })}</button>`}`;
  }

  /** Buttons for the text behind a digest, and the text if it is read. */
  #json(digest: string, what: string): { readonly buttons: TemplateResult; readonly text: TemplateResult | typeof nothing } {
    const reading = this.#readings.get(digest);
    const toggle = t(reading === undefined ? 'attached.read-json' : 'attached.hide-json');
    const button = html`<button class="btn small" aria-label="${toggle}: ${what}" @click=${(): void => (reading === undefined ? void this.#read(digest) : this.#hide(digest))}>${toggle}</button>`;
    if (reading === undefined) return { buttons: html`<div class="acts">${button}</div>`, text: nothing };
    const { lines, text } = reading;
    const save = (): void => hand(new Blob([text], { type: 'application/octet-stream' }), `${digest.slice(7, 19)}.json`);
    return {
      buttons: html`<div class="acts">${copyButton(this.model, text, what)}<button class="icon small act" aria-label="${t('download')}: ${what}" title=${t('download')} @click=${save}>${icon('down-to')}</button>${button}</div>`,
      text: lines === null ? html`<pre class="code plain">${shown(text)}</pre>` : html`<long-list .count=${lines.length} .draw=${(index: number): TemplateResult => jsonLine(lines[index], index)} .label=${what} kind="code plain json"></long-list>`,
    };
  }

  async #read(digest: string): Promise<void> {
    const client = this.#client;
    if (client === null) return;
    try {
      const found = await client.request('attached-bytes', { digest });
      if (found === null || client !== this.#client) return;
      const text = statementText(found);
      this.#readings.set(digest, { text, lines: layOut(text) });
    } catch (error) {
      this.error = errorView(error);
    }
    this.requestUpdate();
  }

  #hide(digest: string): void {
    this.#readings.delete(digest);
    this.requestUpdate();
  }
}

/** A value as people read it. */
function told(name: string, value: string): unknown {
  return ['created', 'started', 'finished', 'log-time'].includes(name) ? (dateTime(value) ?? shown(value)) : shown(value);
}

function textOf({ name, version, licence }: StatedItem): string {
  return `${name} ${version ?? ''} ${licence ?? ''}`.toLowerCase();
}

customElements.define('attached-view', AttachedViewPart);
