/** Saves files. One of an image is always handed over as plain bytes, so that no browser opens it as a page. */
import type { Client } from './client.ts';
import type { Details, Scope } from './protocol.ts';

/** One request; the browser keeps what came before on disk. */
const PART = 32 * 1024 * 1024;

export async function download(
  client: Pick<Client, 'request'>,
  scope: Scope,
  details: Pick<Details, 'node' | 'path' | 'row'>,
  signal: AbortSignal,
  told: (bytes: number) => void,
): Promise<void> {
  const { size } = details.row;
  const parts: BlobPart[] = [];
  for (let from = 0; from < size; from += PART) {
    const { bytes } = await client.request('content', { scope, node: details.node, from, length: Math.min(PART, size - from) });
    signal.throwIfAborted();
    parts.push(new Blob([bytes]));
    if (size > PART) told(Math.min(size, from + PART));
  }
  hand(new Blob(parts, { type: 'application/octet-stream' }), fileName(details.path));
}

/** Gives a file to the browser, which asks where to put it or puts it where it always does. */
export function hand(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken hold of the blob by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A name that no file system minds and that hides nothing: the last part of the path, without controls and separators. */
export function fileName(path: string): string {
  const last = path.split('/').pop() ?? '';
  const safe = last.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\\:*?"<>|]/gu, '_').replace(/^\.+/, '_');
  return safe === '' ? 'file' : safe.slice(0, 200);
}
