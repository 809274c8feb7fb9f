/**
 * The gateway that served the page, when one did. `layerscope serve` opens the page with `#secret=…`; the secret leaves
 * the address bar at once, so that it is neither copied with a link nor kept in the history.
 *
 * It is kept in `sessionStorage`, which lives and dies with the tab: a reload must go on working, and the secret is
 * worth nothing once the gateway of this run has ended. Nothing else is stored, and nothing in `localStorage`.
 */
import type { Gateway } from './protocol.ts';

const PREFIX = 'registry/';
const STORED = 'layerscope-gateway';
const HEADER = 'x-layerscope-secret';
/** The secret is a token of letters, digits, `-` and `_`; anything else is not ours and is not kept. */
const SECRET = /^[A-Za-z0-9_-]{8,256}$/;

/** How the page was opened. */
export interface Arrival {
  readonly gateway: Gateway | null;
  /** `sample`, when the sample is to be opened at once. */
  readonly open: string | null;
  /** Which image and platform of the SOURCE of `serve` are meant; null: the page's own choice. */
  readonly image: string | null;
  readonly platform: string | null;
}

/** What `serve SOURCE` was given. */
export interface Given {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'reference';
  readonly size: number | null;
}

/** Reads the fragment of the page's address and takes the secret out of it. */
export function arrive(
  location: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState' | 'state'>,
  storage: Pick<Storage, 'getItem' | 'setItem'> | null,
): Arrival {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const fresh = fragment.get('secret');
  const open = fragment.get('open');
  const [image, platform] = [fragment.get('image') || null, fragment.get('platform') || null];
  if (fresh !== null || open !== null) history.replaceState(history.state, '', location.pathname + location.search);
  const secret = fresh ?? attempt(() => storage?.getItem(STORED) ?? null);
  if (secret === null || !SECRET.test(secret)) return { gateway: null, open, image, platform };
  if (fresh !== null) attempt(() => storage?.setItem(STORED, secret));
  return { gateway: { prefix: PREFIX, secret }, open, image, platform };
}

/** Asks the gateway what it was started with. Null: nothing, or the gateway is gone. */
export async function given(gateway: Gateway, ask: typeof fetch = fetch): Promise<Given | null> {
  try {
    const answer = await ask('source/info', { headers: { [HEADER]: gateway.secret }, cache: 'no-store' });
    if (!answer.ok || answer.status === 204) return null;
    return readGiven(await answer.json());
  } catch {
    return null;
  }
}

function readGiven(value: unknown): Given | null {
  if (typeof value !== 'object' || value === null) return null;
  const { name, kind, size } = value as Record<string, unknown>;
  if (typeof name !== 'string' || (kind !== 'file' && kind !== 'directory' && kind !== 'reference')) return null;
  return { name, kind, size: typeof size === 'number' ? size : null };
}

/** Storage may be forbidden; then the secret is lost on reload, and that is all. */
function attempt<T>(action: () => T): T | null {
  try {
    return action();
  } catch {
    return null;
  }
}
