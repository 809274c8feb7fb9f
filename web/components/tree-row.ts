/** One row of the tree grid. */
import { html, nothing, type TemplateResult } from 'lit';
import { COLUMNS } from '../columns.ts';
import { bytes, modeText } from '../format.ts';
import { icon, type IconName } from '../icons.ts';
import { t } from '../i18n.ts';
import type { Model } from '../model.ts';
import type { EntryKind, RowView } from '../protocol.ts';
import { shown } from '../show.ts';
import { coreBar, plate, sign } from './marks.ts';
import { vars } from './part.ts';

export interface RowContext {
  readonly index: number;
  /** Pixels from the top of the body. Not a custom property: all that is in the row would be styled again with each change. */
  readonly top: number;
  readonly active: boolean;
  readonly selected: boolean;
  /** Bytes of the parent; 0 when they are not known. */
  readonly parentSize: number;
  readonly layers: number;
}

const ICON: Readonly<Record<EntryKind, IconName>> = {
  file: 'text', directory: 'dir', symlink: 'link', hardlink: 'link', char: 'device', block: 'device', fifo: 'pipe', other: 'help',
};

function iconOf(row: RowView): IconName {
  if (row.kind === 'directory') return row.expanded === true ? 'diro' : 'dir';
  return row.kind === 'file' && (row.mode & 0o111) !== 0 ? 'bin' : ICON[row.kind];
}

/** Permissions with what gives a program more rights than its caller in bold. */
function mode(row: RowView): TemplateResult {
  const text = modeText(row.kind, row.mode);
  const risky = row.kind !== 'symlink' && (row.mode & 0o6000) !== 0;
  return risky ? html`${[...text].map((letter) => (/[sS]/.test(letter) ? html`<em>${letter}</em>` : letter))}` : html`${text}`;
}

/** Chains of single directories share a row: the leaf keeps its place, the prefix gives way. */
function name(row: RowView): TemplateResult {
  const slash = row.name.lastIndexOf('/', row.name.length - 2);
  if (slash < 0) return html`<span class="n">${shown(row.name)}</span>`;
  return html`<span class="n chain"><span class="up">${shown(row.name.slice(0, slash + 1))}</span><span class="leaf">${shown(row.name.slice(slash + 1))}</span></span>`;
}

/** What stands beside the name: a link's target, who deleted it, which attributes changed. */
function note(row: RowView): TemplateResult | typeof nothing {
  if (row.deletedBy !== null) {
    const text = row.layer === row.deletedBy ? t('row.deleted', { by: row.deletedBy }) : t('row.deleted-still', { by: row.deletedBy, layer: row.layer });
    return html`<span class="note">${text}</span>`;
  }
  if (row.link !== null && row.kind === 'symlink') return html`<span class="to">→ ${shown(row.link)}</span>`;
  if (row.link !== null) return html`<span class="to">= ${shown(row.link)}</span>`;
  if (row.change === 'metadata' && row.attributes.length > 0) return html`<span class="note">${row.attributes.map((each) => t(`attribute.${each}`)).join(t('comma'))}</span>`;
  if (row.synthetic) return html`<span class="note">${t('row.synthetic')}</span>`;
  return nothing;
}

/** To the minute, in UTC as it is stored. */
function timeText(mtime: string | undefined): string {
  return mtime?.replace('T', ' ').replace(/:\d\d(?:\.\d+)?Z$/, '') ?? '';
}

/** Which columns the style sheet leaves out. Cells that are not shown cost less than rows of different shapes. */
export function columnClasses({ columns, view }: Model): string {
  return `${COLUMNS.filter((column) => !columns.includes(column)).map((column) => `no-${column}`).join(' ')} ${view.columns === null ? '' : 'chosen'}`;
}

export function treeRow(row: RowView, context: RowContext): TemplateResult {
  const { index, active, selected, parentSize, layers } = context;
  const gone = row.deletedBy !== null;
  const kind = `${row.kind === 'directory' ? 'dir' : ''} ${gone ? 'ghost' : ''} ${active ? 'active' : ''}`;
  const sized = row.kind === 'file' || row.kind === 'directory' || row.kind === 'hardlink';
  // Deleted bytes are no part of the directory around them, and may be more than all of it.
  const whole = gone ? Math.max(parentSize, row.size) : parentSize;
  const share = whole > 0 ? Math.min(100, (row.size / whole) * 100) : 0;
  return html`<div role="row" class=${kind} data-index=${index} aria-rowindex=${index + 2} aria-level=${row.level} aria-posinset=${row.posInSet} aria-setsize=${row.setSize}
      aria-expanded=${row.expanded ?? nothing} aria-selected=${selected ? 'true' : 'false'} tabindex=${active ? 0 : -1} ${vars({ translate: `0 ${context.top}px`, '--lv': row.level - 1 })}>
    <span role="gridcell" aria-colindex="1">${sign(gone ? 'removed' : row.change, row.changedBelow)}</span>
    <span role="gridcell" aria-colindex="2" class="name"><span class="twist" aria-hidden="true">${row.expanded === null ? nothing : icon('right')}</span>${icon(iconOf(row))}${name(row)}${note(row)}</span>
    <span role="gridcell" aria-colindex="3" class="sz">${sized ? html`${share >= 0.5 ? coreBar([{ layer: row.layer, share, gone }], layers) : html`<span class="core-h" aria-hidden="true"></span>`}<b>${bytes(row.size)}</b>` : html`<span></span><b></b>`}</span>
    <span role="gridcell" aria-colindex="4" class="mode">${row.synthetic ? nothing : mode(row)}</span>
    <span role="gridcell" aria-colindex="5" class="own">${row.synthetic ? nothing : `${row.uid}:${row.gid}`}</span>
    <span role="gridcell" aria-colindex="6" class="time">${timeText(row.mtime)}</span>
    <span role="gridcell" aria-colindex="7" class="by">${plate(gone ? (row.deletedBy ?? row.layer) : row.layer, layers)}</span>
  </div>`;
}

/** A row that is on its way. */
export function waitingRow(context: Pick<RowContext, 'index' | 'top' | 'active'>): TemplateResult {
  const { index, active, top } = context;
  return html`<div role="row" class="waiting ${active ? 'active' : ''}" data-index=${index} aria-rowindex=${index + 2} aria-busy="true" tabindex=${active ? 0 : -1} ${vars({ translate: `0 ${top}px`, '--lv': 0 })}>
    <span role="gridcell"></span><span role="gridcell"><i ${vars({ '--w': 30 + ((index * 37) % 40) })}></i><span class="vh">${t('reading')}</span></span></div>`;
}
