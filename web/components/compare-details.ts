/** What one path differs in, the two texts of it line by line, and what differs in the configs. */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { errorView } from '../client.ts';
import { isBinary, readText } from '../content.ts';
import { diffLines, type DiffLine, type Hunk } from '../diff.ts';
import { bytes, exactTime, modeOctal, modeText } from '../format.ts';
import { icon } from '../icons.ts';
import { number, t, tn, type Key } from '../i18n.ts';
import type { AttributeName, ComparedEntry, CompareView, ConfigDifference, ConfigField, Difference, ErrorView } from '../protocol.ts';
import { pieces, shown } from '../show.ts';
import { argv } from './config-view.ts';
import { errorCard } from './error-card.ts';
import './long-list.ts';
import { plate, sign } from './marks.ts';
import { Part } from './part.ts';

/** Files above this size are not compared line by line in a tab. */
export const DIFF_LIMIT = 2 * 1024 * 1024;

/** A line of the list that is drawn: of a text, or what stands between two hunks. */
type Drawn = DiffLine | { readonly sign: '…'; readonly capped: boolean };

type Compared =
  | { readonly state: 'reading' }
  | { readonly state: 'binary' }
  | { readonly state: 'equal' }
  | { readonly state: 'failed'; readonly error: ErrorView }
  | { readonly state: 'lines'; readonly lines: readonly Drawn[]; readonly added: number; readonly removed: number };

const SHOWN: readonly AttributeName[] = ['kind', 'size', 'mode', 'owner', 'mtime', 'link', 'device', 'xattrs'];
const COMMANDS: readonly ConfigField[] = ['entrypoint', 'cmd', 'healthcheck', 'onBuild', 'shell'];

export class CompareDetails extends Part {
  static override properties = { ...Part.properties, view: { attribute: false }, picked: { attribute: false }, text: { state: true } };
  declare view: CompareView;
  declare picked: Difference | null;
  declare text: Compared | null;
  #asked = 0;
  #draw: (index: number) => TemplateResult = () => html``;

  constructor() {
    super();
    this.picked = null;
    this.text = null;
  }

  protected override willUpdate(changed?: PropertyValues<this>): void {
    super.willUpdate();
    const before = changed?.get('picked') as Difference | null | undefined;
    if (changed?.has('picked') !== true || before?.path === this.picked?.path) return;
    this.#asked += 1;
    this.text = null;
  }

  override render(): TemplateResult {
    const { picked } = this;
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${t('details')}>${picked === null ? html`<p class="dim block">${t('compare.pick-path')}</p>` : this.#path(picked)}${this.#config()}</div>`;
  }

  // ---- one path --------------------------------------------------------------------------------

  #path(picked: Difference): TemplateResult {
    const { a, b } = picked;
    const rows = SHOWN.map((name) => this.#attribute(name, picked)).filter((row) => row !== nothing);
    return html`<section class="block cmp-path" aria-labelledby="cmp-path"><header><h3 id="cmp-path" class="mono">${sign(picked.change)} ${shown(picked.path)}</h3></header>
      <div class="over" tabindex="0" role="group" aria-label=${t('compare.attributes')}><table class="tbl sides"><thead><tr><th scope="col"><span class="vh">${t('compare.attribute')}</span></th><th scope="col">A</th><th scope="col">B</th></tr></thead><tbody>
        ${a?.kind === 'file' && b?.kind === 'file' ? html`<tr class=${picked.attributes.includes('content') ? 'differs' : ''}><th scope="row">${t('attribute.content')}</th><td colspan="2">${t(picked.attributes.includes('content') ? 'compare.content-differs' : 'compare.content-same')}</td></tr>` : nothing}
        ${rows}
        <tr><th scope="row">${t('compare.layer')}</th>${[{ entry: a, of: 0 }, { entry: b, of: 1 }].map(({ entry, of }) => html`<td>${entry === null ? '–' : plate(entry.layer, this.view.layers?.[of]?.length ?? 1)}</td>`)}</tr>
      </tbody></table></div>
      ${this.#lines(picked)}</section>`;
  }

  #attribute(name: AttributeName, { a, b, attributes }: Difference): TemplateResult | typeof nothing {
    const [one, other] = [valueOf(name, a), valueOf(name, b)];
    if (one === null && other === null) return nothing;
    return html`<tr class=${attributes.includes(name) ? 'differs' : ''}><th scope="row">${t(`attribute.${name}`)}</th><td class="mono">${one ?? '–'}</td><td class="mono">${other ?? '–'}</td></tr>`;
  }

  // ---- two texts -------------------------------------------------------------------------------

  #lines(picked: Difference): TemplateResult | typeof nothing {
    const { a, b, attributes } = picked;
    const isText = a?.kind === 'file' && b?.kind === 'file' && attributes.includes('content');
    if (!isText) return nothing;
    if (Math.max(a.size, b.size) > DIFF_LIMIT) return html`<p class="dim">${t('compare.too-large', { limit: bytes(DIFF_LIMIT) })}</p>`;
    const { text } = this;
    if (text === null) return html`<div class="acts"><button class="btn" @click=${(): void => void this.#compare(picked)}>${icon('text')}${t('compare.lines')}</button></div>`;
    switch (text.state) {
      case 'reading':
        return html`<p class="dim" role="status">${t('reading')}</p>`;
      case 'failed':
        return errorCard(this.model, text.error);
      case 'binary':
        return html`<p class="dim" role="status">${t('compare.binary')}</p>`;
      case 'equal':
        return html`<p class="dim" role="status">${t('compare.text-same')}</p>`;
      case 'lines':
        return html`<p class="dim" role="status">${tn('compare.lines-added', text.added)}${t('comma')}${tn('compare.lines-removed', text.removed)}</p>
          <long-list .count=${text.lines.length} .draw=${this.#draw} .label=${t('compare.lines-of', { path: picked.path })} kind="code diff"></long-list>`;
    }
  }

  async #compare({ a, b }: Difference): Promise<void> {
    const ask = (this.#asked += 1);
    const { client } = this.model;
    if (client === null || a?.node === undefined || b?.node === undefined) return;
    this.text = { state: 'reading' };
    const read = async (side: 'a' | 'b', { node = 0, size }: ComparedEntry): Promise<Uint8Array> =>
      new Uint8Array((await client.request('compare-content', { side, node, from: 0, length: size })).bytes);
    let text: Compared;
    try {
      const [one, other] = await Promise.all([read('a', a), read('b', b)]);
      text = compared(one, other);
    } catch (error) {
      text = { state: 'failed', error: errorView(error) };
    }
    if (ask !== this.#asked) return;
    if (text.state === 'lines') {
      const { lines } = text;
      this.#draw = (index) => drawLine(lines[index]);
    }
    this.text = text;
  }

  // ---- the configs -----------------------------------------------------------------------------

  #config(): TemplateResult {
    const { config } = this.view;
    return html`<section class="block cmp-config" aria-labelledby="cmp-config"><header><h3 id="cmp-config">${t('tab.config')}</h3><span>${tn('compare.differences', config.length)}</span></header>
      ${config.length === 0 ? html`<p class="dim">${t('compare.config-same')}</p>` : html`<ul class="cfg">${config.map((each) => html`<li><div class="k2">${t(FIELD[each.field])}${each.name === null ? nothing : html` <span class="mono">${shown(each.name)}</span>`}</div>${value(each, 'a')}${value(each, 'b')}</li>`)}</ul>`}</section>`;
  }
}

const FIELD = {
  platform: 'platform', created: 'created', author: 'author', user: 'user', env: 'environment', entrypoint: 'entrypoint', cmd: 'cmd', workingDir: 'workdir',
  exposedPorts: 'ports', volumes: 'volumes', labels: 'labels', stopSignal: 'stop-signal', stopTimeout: 'compare.stop-timeout', healthcheck: 'healthcheck',
  onBuild: 'compare.on-build', shell: 'compare.shell', annotations: 'annotations',
} as const satisfies Readonly<Record<ConfigField, Key>>;

/** What one of the images says; a port or volume, which only is there, is said to be. */
function value({ field, name, ...sides }: ConfigDifference, side: 'a' | 'b'): TemplateResult | typeof nothing {
  const words = sides[side];
  if (words === null) return nothing;
  const text = COMMANDS.includes(field) && name === null ? argv(words) : words.join('');
  const [kind, mark] = side === 'a' ? ['removed', '−'] : ['added', '+'];
  return html`<div class="v ${kind}"><i aria-hidden="true">${mark}</i><span><span class="vh">${side.toUpperCase()}: </span>${words.length === 0 ? t('compare.there') : shown(text)}</span></div>`;
}

/** An attribute in words; null where an entry has none. */
function valueOf(name: AttributeName, entry: ComparedEntry | null): string | TemplateResult | null {
  if (entry === null) return null;
  switch (name) {
    case 'kind':
      return t(entry.kind === 'other' ? 'kind.unknown' : `kind.${entry.kind}`);
    case 'size':
      return entry.kind === 'file' || entry.kind === 'directory' ? bytes(entry.size) : null;
    case 'mode':
      return `${modeText(entry.kind, entry.mode)} ${modeOctal(entry.mode)}`;
    case 'owner':
      return `${entry.uid}:${entry.gid}`;
    case 'mtime':
      return entry.mtime === null ? null : exactTime(entry.mtime);
    case 'link':
      return entry.link === null ? null : shown(entry.link);
    case 'device':
      return entry.device === null ? null : entry.device.join(', ');
    case 'xattrs':
      return entry.xattrs.length === 0 ? null : html`${entry.xattrs.map((each) => html`<span class="xattr">${shown(`${each.name}=${each.value}`)}</span>`)}`;
    case 'content':
      return null;
  }
}

/** Two contents as what can be shown of their difference. */
export function compared(one: Uint8Array, other: Uint8Array): Compared {
  if (isBinary(one) || isBinary(other)) return { state: 'binary' };
  const [a, b] = [readText(one, false).text, readText(other, false).text];
  const hunks = diffLines(a, b);
  if (hunks.length === 0) return { state: 'equal' };
  const all = hunks.flatMap(({ lines }) => lines);
  const count = (mark: DiffLine['sign']): number => all.filter(({ sign }) => sign === mark).length;
  return { state: 'lines', lines: hunks.flatMap(withGap), added: count('+'), removed: count('-') };
}

function withGap({ lines, capped }: Hunk, index: number): Drawn[] {
  return index === 0 && !capped ? [...lines] : [{ sign: '…', capped }, ...lines];
}

function drawLine(line: Drawn | undefined): TemplateResult {
  if (line === undefined) return html``;
  if (line.sign === '…') return html`<span class="gap">${line.capped ? t('compare.capped') : '⋯'}</span>`;
  const kind = line.sign === '+' ? 'added' : line.sign === '-' ? 'removed' : '';
  const place = (at: number | null): TemplateResult => html`<span class="at">${at === null ? nothing : number(at)}</span>`;
  return html`<span class="dl ${kind}">${place(line.before)}${place(line.after)}<i>${line.sign === '-' ? '−' : line.sign}</i><span class="tx">${pieces(line.text, { lines: true })}</span></span>`;
}

customElements.define('compare-details', CompareDetails);
