/** Which columns of the file tree are shown. What changed, the name and the layer always are. */
import type { Key } from './i18n.ts';

/** In their order. */
export const COLUMNS = ['size', 'bar', 'mode', 'owner', 'mtime'] as const;
export type Column = (typeof COLUMNS)[number];
/** Unless others are chosen, and as far as there is room. */
export const USUAL_COLUMNS: readonly Column[] = ['size', 'bar', 'mode', 'owner'];
export const COLUMN_NAMES: Readonly<Record<Column, Key>> = { size: 'size', bar: 'column.bar', mode: 'mode', owner: 'owner', mtime: 'column.mtime' };

const KEPT = 'layerscope-columns';

/** Columns as an address or this browser's memory names them. Null: none are named. */
export function readColumns(text: string | null): readonly Column[] | null {
  if (text === null) return null;
  const named = text.split(',');
  const known = COLUMNS.filter((column) => named.includes(column));
  return known.length > 0 || text === '' ? known : null;
}

/** What was chosen in this browser before. */
export function keptColumns(storage: Storage | null): readonly Column[] | null {
  try {
    return readColumns(storage?.getItem(KEPT) ?? null);
  } catch {
    return null;
  }
}

export function keepColumns(storage: Storage | null, columns: readonly Column[] | null): void {
  try {
    if (columns === null) storage?.removeItem(KEPT);
    else storage?.setItem(KEPT, columns.join());
  } catch {
    // Storage is forbidden or full: the address still says it.
  }
}
