/** Where the bytes of an opened source are: for the core, which resolves it, and for the scan workers, which read it. */
import type { ScanJob, Source } from '../protocol.ts';
import type { Place } from './core.ts';
import { fail, failure } from './failure.ts';

/** What a scan worker is given beside its job. */
export type Access = Pick<ScanJob, 'blob' | 'url' | 'secret'>;

export interface Reach {
  /** The source as the core opens it: the page's own, and the size of what is behind a URL. */
  readonly source: object;
  /** Bytes of the archive; null for what is no archive. */
  readonly size: number | null;
  /** How to get at the bytes of a place; null when there are none. */
  accessTo(place: Place): Access | null;
}

const SECRET_HEADER = 'x-layerscope-secret';

/** Makes a source readable. `origin` is the page's: a gateway answers at its root. */
export async function reach(source: Source, origin: string, ask: typeof fetch = fetch): Promise<Reach> {
  switch (source.kind) {
    case 'file':
      return archive(source, source.file.size, { blob: source.file });
    case 'url': {
      const { url, name, secret } = source;
      if (secret === undefined) {
        // The sample is small, and a simple server answers no ranges.
        const file = new File([await whole(url, ask)], name);
        return archive({ kind: 'file', file }, file.size, { blob: file });
      }
      const size = await sizeOf(url, secret, ask);
      return archive({ ...source, size }, size, { url, secret });
    }
    case 'directory': {
      const files = new Map(source.files.map(({ path, file }) => [path, file]));
      return {
        source,
        size: null,
        accessTo: (place) => {
          const blob = 'file' in place ? files.get(place.file.path) : undefined;
          return blob === undefined ? null : { blob };
        },
      };
    }
    case 'layout-url': {
      const url = source.url.endsWith('/') ? source.url : `${source.url}/`;
      const access = source.secret === undefined ? { url } : { url, secret: source.secret };
      return { source: { ...source, url }, size: null, accessTo: () => access };
    }
    case 'reference': {
      const { gateway } = source;
      if (gateway === undefined) return { source, size: null, accessTo: () => ({}) };
      // Requests are made by workers, whose own address is not the page's; the core itself puts `registry/` behind the gateway's.
      const root = new URL('..', new URL(gateway.prefix, `${origin}/`)).href;
      return { source: { ...source, gateway: { ...gateway, prefix: root } }, size: null, accessTo: () => ({}) };
    }
  }
}

function archive(source: object, size: number, access: Access): Reach {
  return { source, size, accessTo: () => access };
}

async function answered(url: string, request: RequestInit, ask: typeof fetch): Promise<Response> {
  try {
    return await ask(url, request);
  } catch (error) {
    throw fail('network', failure(error).message, { at: url });
  }
}

async function whole(url: string, ask: typeof fetch): Promise<Blob> {
  const answer = await answered(url, {}, ask);
  if (!answer.ok) throw await refusal(answer, url, '200');
  return answer.blob();
}

/** The size of a file behind a URL, from the answer to a request for its first byte. */
async function sizeOf(url: string, secret: string, ask: typeof fetch): Promise<number> {
  const answer = await answered(url, { headers: { range: 'bytes=0-0', [SECRET_HEADER]: secret }, cache: 'no-store' }, ask);
  // An empty file has no first byte, and its size stands in the refusal.
  const size = answer.status === 206 || answer.status === 416 ? /\/(\d{1,16})$/.exec(answer.headers.get('content-range') ?? '')?.[1] : undefined;
  if (size === undefined) throw await refusal(answer, url, '206');
  await answer.body?.cancel();
  return Number(size);
}

/** A gateway says by name why it does not answer. */
async function refusal(answer: Response, url: string, expected: string): Promise<Error> {
  const facts = { at: url, expected, found: String(answer.status) };
  try {
    const { error } = (await answer.json()) as { error: { name: unknown } };
    if (typeof error.name === 'string' && /^[a-z-]{1,40}$/.test(error.name)) return fail(error.name, error.name, facts);
  } catch {
    // Not a gateway, or its answer was cut short.
  }
  return fail('http-status', `${url}: expected status ${expected}, found ${answer.status}`, facts);
}
