/** Two images side by side: which, how far they are read, and then their layers, their files, and what one path differs in. */
import { html, nothing, type TemplateResult } from 'lit';
import { chosenFiles, NotASource } from '../drop.ts';
import { bytes, percent } from '../format.ts';
import { icon } from '../icons.ts';
import { number, t, tx } from '../i18n.ts';
import { named, type Wanted } from '../other.ts';
import type { Choice, CompareView as Compared, Difference, ErrorView } from '../protocol.ts';
import { familiar, looksLikeReference } from '../reference.ts';
import { show, shown } from '../show.ts';
import { sourceKey, type Opened } from '../state.ts';
import './choice-menu.ts';
import type { MenuOption } from './choice-menu.ts';
import './compare-details.ts';
import './compare-layers.ts';
import './compare-tree.ts';
import { errorCard } from './error-card.ts';
import { signed } from './growth.ts';
import { Part, vars } from './part.ts';
import { imageName } from './reference-field.ts';

export class CompareView extends Part {
  protected override readonly hears = ['change', 'progress'] as const;
  static override properties = { ...Part.properties, bad: { state: true }, picked: { state: true } };
  /** What was typed is no reference. */
  declare bad: boolean;
  /** The row that is selected. */
  declare picked: Difference | null;

  constructor() {
    super();
    this.bad = false;
    this.picked = null;
  }

  protected override willUpdate(): void {
    super.willUpdate();
    const { model } = this;
    if (model.client !== null && model.overview !== null) model.other.want(model.client, this.#wanted());
    if (model.other.view === null) this.picked = null;
  }

  /** What the address says, and which file was chosen. */
  #wanted(): Wanted | null {
    const { compare, comparePlatform, compareImage } = this.model.view;
    const { given } = this.model.other;
    // Where nobody chose, the platform of A, if B has it.
    const prefer = this.model.choice?.platform ?? null;
    const platform = comparePlatform !== null ? { platform: comparePlatform } : prefer !== null && { prefer };
    const options = { ...platform, ...(compareImage !== null && { image: compareImage }) };
    const of = JSON.stringify(options);
    if (compare !== null) {
      const source = this.model.sourceOf(compare);
      return source === null ? null : { key: `reference ${compare} ${of}`, source, options };
    }
    if (given !== null) return { key: `given ${sourceKey(given.opened)} ${given.source.kind === 'file' ? given.source.file.lastModified : ''} ${of}`, source: given.source, options };
    return comparePlatform === null && compareImage === null ? null : { key: `same ${of}`, source: null, options };
  }

  override render(): TemplateResult {
    const { other } = this.model;
    const chosen = this.#wanted() !== null;
    return html`<h2 class="vh">${t('tab.compare')}</h2>${this.#bar()}
      ${!chosen ? this.#nothing() : this.#error !== null ? this.#failed(this.#error) : other.view === null ? this.#reading() : this.#panes(other.view)}`;
  }

  // ---- which images ----------------------------------------------------------------------------

  #bar(): TemplateResult {
    const { model } = this;
    const platform = model.choice?.platform ?? null;
    return html`<div class="cmp-bar">
      <div class="cmp-side"><b class="letter" aria-hidden="true">A</b><span class="vh">${t('compare.a')}</span><span class="mono who">${shown(model.name)}</span>${platform === null ? nothing : html`<span class="tag">${shown(platform)}</span>`}</div>
      <button class="icon small" aria-label=${t('compare.swap')} title="${t('compare.swap')} (s)" ?disabled=${model.other.choice === null} @click=${(): void => model.swap()}>${icon('swap')}</button>
      <form class="ref ${this.bad ? 'bad' : ''}" @submit=${this.#submit}><b class="letter" aria-hidden="true">B</b>
        <span class="in"><input name="other" aria-label=${t('compare.field')} placeholder=${t('compare.placeholder')} .value=${this.#name()} spellcheck="false" autocomplete="off" autocapitalize="off" enterkeyhint="go"
          aria-invalid=${this.bad ? 'true' : nothing} aria-describedby=${this.bad ? 'other-bad' : nothing} @input=${(): void => void (this.bad = false)} @focus=${(event: FocusEvent): void => (event.target as HTMLInputElement).select()}></span>
        ${this.#menu()}<button class="vh" tabindex="-1">${t('tab.compare')}</button></form>
      <button class="btn" @click=${(): void => this.querySelector<HTMLInputElement>('#other-file')?.click()}>${icon('box')}${t('compare.file')}</button>
      <input id="other-file" class="vh" type="file" tabindex="-1" aria-label=${t('compare.file')} @change=${this.#take}>
      ${this.bad ? html`<p class="field-bad" id="other-bad" role="alert">${icon('alert')}${t('field.bad')}</p>` : nothing}</div>`;
  }

  /** The other image as the field shows it. */
  #name(): string {
    const { view, other } = this.model;
    if (view.compare !== null) return familiar(view.compare);
    if (other.given !== null) return nameOf(other.given.opened);
    return view.comparePlatform === null && view.compareImage === null ? '' : this.model.name;
  }

  /** Platforms and images of the other source; before there is one, those of the source that is open. */
  #menu(): TemplateResult | typeof nothing {
    const { model } = this;
    const { other, overview } = model;
    const isOther = model.view.compare !== null || other.given !== null;
    const choices = isOther ? (other.overview?.choices ?? []) : (overview?.choices ?? []);
    const chosen = other.overview?.chosen ?? null;
    const same = isOther ? null : (overview?.chosen ?? null);
    const options = choices.map((choice) => optionOf(choice, choices, choice.id === same));
    if (options.filter(({ disabled }) => disabled !== true).length === 0 || (isOther && options.length < 2)) return nothing;
    const value = chosen === null ? '' : String(chosen);
    return html`<choice-menu .label=${t('compare.platform')} .options=${options} .value=${value} .text=${value === '' ? t('platform') : undefined}
      @choose=${(event: CustomEvent<string>): void => this.#choose(choices, event.detail)}></choice-menu>`;
  }

  #choose(choices: readonly Choice[], id: string): void {
    const choice = choices.find((each) => String(each.id) === id);
    if (choice === undefined) return;
    const { platform, image } = named(choice, choices);
    this.model.look({ comparePlatform: platform, compareImage: image });
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const input = this.querySelector<HTMLInputElement>('input[name=other]');
    const text = input?.value.trim() ?? '';
    if (text === '' || text === this.#name()) return;
    if (!looksLikeReference(text)) {
      this.bad = true;
      input?.focus();
      return;
    }
    this.bad = false;
    this.model.other.given = null;
    this.model.look({ compare: text, comparePlatform: null, compareImage: null });
  }

  #take(event: Event): void {
    const input = event.target as HTMLInputElement;
    if (input.files === null || input.files.length === 0) return;
    try {
      this.model.compareWith(chosenFiles([...input.files]));
    } catch (error) {
      this.model.notify({ text: error instanceof NotASource ? t(`drop.${error.reason}`) : String(error) });
    }
    // The same file can be chosen again.
    input.value = '';
  }

  // ---- what there is to see --------------------------------------------------------------------

  #nothing(): TemplateResult {
    const others = (this.model.overview?.choices ?? []).filter(({ id, state }) => id !== this.model.overview?.chosen && state !== 'absent');
    return html`<div class="board one"><section class="card"><div class="body"><div class="say info">${icon('info')}<h3>${t('compare.pick')}</h3><p>${t('compare.pick-why')}</p></div>
      ${others.length === 0 ? nothing : html`<div class="acts">${others.slice(0, 8).map((choice) => html`<button class="btn" @click=${(): void => this.#choose(this.model.overview?.choices ?? [], String(choice.id))}>${t('compare.with', { name: show(labelOf(choice, this.model.overview?.choices ?? [])) })}</button>`)}</div>`}</div></section></div>`;
  }

  /** Why there is nothing to compare with. */
  get #error(): ErrorView | null {
    const { error, overview } = this.model.other;
    if (error !== null || overview === null || overview.image !== null) return error;
    const choice = overview.choices.find(({ id }) => id === overview.chosen);
    return choice?.error ?? { name: 'no-image', text: t(choice?.state === 'absent' ? 'choice.absent-title' : 'choice.pick') };
  }

  #failed(error: ErrorView): TemplateResult {
    const { model } = this;
    const actions = html`<button class="btn main" @click=${(): void => model.other.again()}>${icon('retry')}${t('try-again')}</button>`;
    return html`<div class="board one">${errorCard(model, error, { actions })}</div>`;
  }

  #reading(): TemplateResult {
    const { model } = this;
    const { other } = model;
    const first = model.image?.totals.settled !== true;
    const share = first ? (model.meter.share ?? 0) : other.share;
    return html`<div class="board one"><section class="card"><div class="body"><div class="say info" role="status">${icon('half')}<h3>${t(first ? 'compare.reading-a' : other.overview === null ? 'compare.opening' : 'compare.reading-b')}</h3><p>${t('compare.reading-why')}</p></div>
      <div class="bar" role="progressbar" aria-label=${t('compare.reading')} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.floor(share * 100)}><i ${vars({ '--p': (share * 100).toFixed(1) })}></i></div><p class="dim">${percent(share, 0)}</p>
      <div class="acts">${first && model.stopped ? html`<button class="btn" @click=${(): void => model.goOn()}>${icon('play')}${t('progress.go-on')}</button>` : nothing}
        <button class="btn" @click=${(): void => this.#leave()}>${t('cancel')}</button></div></div></section></div>`;
  }

  /** Compares with nothing any more; what was read of the other image is let go of. */
  #leave(): void {
    this.model.other.given = null;
    this.model.look({ compare: null, comparePlatform: null, compareImage: null });
  }

  #panes(view: Compared): TemplateResult {
    const { model } = this;
    const { a, b, totals } = view;
    const notes = [
      a.incomplete || b.incomplete ? t('compare.incomplete') : null,
      totals.unproven > 0 ? t('compare.unproven', { n: totals.unproven }) : null,
    ].filter((note) => note !== null);
    return html`<p class="cmp-sum" role="status">${view.same ? html`${icon('check')}<span>${t('compare.same')}</span>` : html`<span>${tx('compare.download', { a: html`<b>${bytes(a.size)}</b>`, b: html`<b>${bytes(b.size)}</b>` })} <b class=${b.size < a.size ? 'less-b' : 'grow-b'}>${signed(b.size - a.size)}</b></span>
        <span>${tx('compare.visible', { a: html`<b>${bytes(a.visibleBytes)}</b>`, b: html`<b>${bytes(b.visibleBytes)}</b>` })} <b class=${b.visibleBytes < a.visibleBytes ? 'less-b' : 'grow-b'}>${signed(b.visibleBytes - a.visibleBytes)}</b></span>
        <span>${tx('compare.paths', { n: html`<b>${number(totals.added + totals.removed + totals.modified + totals.metadata)}</b>` })}</span>`}
      ${notes.map((note) => html`<span class="warn-ink">${icon('alert')}${note}</span>`)}</p>
      <div class="panes cmp">
        <compare-layers class="pane stack" role="region" aria-label=${t('compare.layers')} .model=${model} .view=${view}></compare-layers>
        <compare-tree class="pane tree" role="region" aria-label=${t('compare.files')} .model=${model} .view=${view} @pick=${(event: CustomEvent<Difference | null>): void => void (this.picked = event.detail)}></compare-tree>
        <compare-details class="pane detail" role="complementary" aria-label=${t('details')} .model=${model} .view=${view} .picked=${this.picked}></compare-details>
      </div>`;
  }
}

function nameOf(opened: Opened): string {
  if (opened.kind === 'sample') return t('sample.name');
  return opened.kind === 'reference' ? familiar(opened.reference) : opened.kind === 'layout' ? opened.url : opened.name;
}

function labelOf(choice: Choice, all: readonly Choice[]): string {
  const several = new Set(all.map(({ number }) => number)).size > 1;
  const platform = choice.platform ?? t('platform.none');
  return several ? `${imageName(choice)} ${platform}` : platform;
}

function optionOf(choice: Choice, all: readonly Choice[], isOpen: boolean): MenuOption {
  const option = { value: String(choice.id), text: labelOf(choice, all) };
  if (isOpen) return { ...option, note: 'A', disabled: true };
  if (choice.state === 'absent') return { ...option, note: t('choice.absent'), disabled: true };
  return choice.size === null ? option : { ...option, note: bytes(choice.size) };
}

customElements.define('compare-view', CompareView);
