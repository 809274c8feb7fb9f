/** One row of the grid of differences. */
import { html, nothing, type TemplateResult } from 'lit';
import { bytes } from '../format.ts';
import { icon, type IconName } from '../icons.ts';
import { t } from '../i18n.ts';
import type { ComparedEntry, Difference, EntryKind } from '../protocol.ts';
import { shown } from '../show.ts';
import { signed } from './growth.ts';
import { sign } from './marks.ts';
import { vars } from './part.ts';
import type { RowContext } from './tree-row.ts';

const ICON: Readonly<Record<EntryKind, IconName>> = {
  file: 'text', directory: 'dir', symlink: 'link', hardlink: 'link', char: 'device', block: 'device', fifo: 'pipe', other: 'help',
};

function size(entry: ComparedEntry | null): string {
  if (entry === null) return '–';
  return entry.kind === 'file' || entry.kind === 'directory' ? bytes(entry.size) : '';
}

function bytesOf(entry: ComparedEntry | null): number {
  return entry === null || (entry.kind !== 'file' && entry.kind !== 'directory') ? 0 : entry.size;
}

export function compareRow(row: Difference, context: Omit<RowContext, 'parentSize' | 'layers'>): TemplateResult {
  const { index, active, selected, top } = context;
  const { a, b, change, path, place } = row;
  const kind = (b ?? a)?.kind ?? 'other';
  const expanded = place?.expanded ?? null;
  const grown = bytesOf(b) - bytesOf(a);
  const classes = `${kind === 'directory' ? 'dir' : ''} ${change === 'removed' ? 'ghost' : ''} ${active ? 'active' : ''}`;
  const differs = row.attributes.map((each) => t(`attribute.${each}`)).join(t('comma'));
  const name = path === '/' ? '/' : path.slice(path.lastIndexOf('/') + 1);
  return html`<div role="row" class=${classes} data-index=${index} aria-rowindex=${index + 2} aria-level=${place?.level ?? 1} aria-posinset=${place?.posInSet ?? nothing} aria-setsize=${place?.setSize ?? nothing}
      aria-expanded=${expanded ?? nothing} aria-selected=${selected ? 'true' : 'false'} tabindex=${active ? 0 : -1} ${vars({ translate: `0 ${top}px`, '--lv': (place?.level ?? 1) - 1 })}>
    <span role="gridcell">${sign(change, expanded === false)}</span>
    <span role="gridcell" class="name"><span class="twist" aria-hidden="true">${expanded === null ? nothing : icon('right')}</span>${icon(kind === 'directory' && expanded === true ? 'diro' : ICON[kind])}<span class="n">${shown(name)}</span></span>
    <span role="gridcell" class="c-w"><span class="what" title=${differs}>${differs}</span></span>
    <span role="gridcell" class="num-r c-a">${size(a)}</span><span role="gridcell" class="num-r c-b">${size(b)}</span>
    <span role="gridcell" class="num-r ${grown < 0 ? 'less-b' : 'grow-b'}">${grown === 0 ? nothing : signed(grown)}</span></div>`;
}
