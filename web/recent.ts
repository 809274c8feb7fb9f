/** Images that were opened in this browser. Kept in `localStorage` only: names, sizes and results; never a secret. */
import { sourceKey, type Opened } from './state.ts';

export interface Recent {
  readonly opened: Opened;
  readonly name: string;
  readonly platform: string | null;
  /** Uncompressed or compressed bytes of each layer, oldest first: for the little core. */
  readonly layers: readonly number[];
  readonly size: number;
  readonly result: 'verified' | 'known' | 'mismatch' | 'unverified';
  /** Milliseconds since 1970. */
  readonly at: number;
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
const KEY = 'layerscope-recent';
const KEPT = 8;
/** A core with more layers than this is drawn by its newest ones. */
const LAYERS_KEPT = 64;

/** What is remembered, newest first. Entries that are not understood are left out. */
export function recall(store: Store | null): Recent[] {
  try {
    const value: unknown = JSON.parse(store?.getItem(KEY) ?? '[]');
    return Array.isArray(value) ? value.filter(isRecent).slice(0, KEPT) : [];
  } catch {
    return [];
  }
}

/** Puts one first, and lets go of the oldest. */
export function remember(store: Store | null, entry: Recent): void {
  const key = sourceKey(entry.opened);
  const others = recall(store).filter((known) => sourceKey(known.opened) !== key);
  const kept = [{ ...entry, layers: entry.layers.slice(-LAYERS_KEPT) }, ...others].slice(0, KEPT);
  try {
    store?.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Full or forbidden: nothing depends on it.
  }
}

export function forget(store: Store | null): void {
  try {
    store?.removeItem(KEY);
  } catch {
    // Forbidden: there was nothing kept.
  }
}

function isRecent(value: unknown): value is Recent {
  if (typeof value !== 'object' || value === null) return false;
  const { opened, name, platform, layers, size, result, at } = value as Record<string, unknown>;
  return (
    isOpened(opened) &&
    typeof name === 'string' &&
    (platform === null || typeof platform === 'string') &&
    Array.isArray(layers) &&
    layers.every((bytes) => typeof bytes === 'number') &&
    typeof size === 'number' &&
    (result === 'verified' || result === 'known' || result === 'mismatch' || result === 'unverified') &&
    typeof at === 'number'
  );
}

function isOpened(value: unknown): value is Opened {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, reference, url, name } = value as Record<string, unknown>;
  if (kind === 'reference') return typeof reference === 'string';
  if (kind === 'layout') return typeof url === 'string';
  return kind === 'sample' || ((kind === 'file' || kind === 'directory' || kind === 'served') && typeof name === 'string');
}
