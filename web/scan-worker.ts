/** A scan worker: does one job with a core of its own, hands over the result, and is then ended by whoever started it. */
import { initSync, memory_bytes, run } from './generated/layerscope_wasm.js';
import { failure } from './engine/failure.ts';
import type { Order } from './engine/pool.ts';
import type { Progress, ScanEvent } from './protocol.ts';

/** The least milliseconds between two reports. */
const REPORT_MS = 100;

const scope = self as unknown as {
  postMessage(message: ScanEvent, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<Order>) => void) | null;
};

/** The browser's own digest, faster than one in wasm. Only pages of a trustworthy origin have it. */
const { subtle } = globalThis.crypto as Partial<Crypto>;
const sha256 = subtle && ((bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> => subtle.digest('SHA-256', bytes));

function give(error: unknown): void {
  scope.postMessage({ event: 'failed', error: failure(error).view });
}

async function work({ module, job }: Order): Promise<void> {
  initSync({ module });
  let last = performance.now();
  const report = (progress: Progress): void => scope.postMessage({ event: 'progress', progress, memory: memory_bytes() });
  report({ read: 0, total: null, unpacked: 0, entries: 0 });
  const { blob, url, secret } = job;
  const told = (read: number, unpacked: number, entries: number): void => {
    const now = performance.now();
    if (now - last < REPORT_MS) return;
    last = now;
    report({ read, total: null, unpacked, entries });
  };
  const waiting = (seconds: number): void => scope.postMessage({ event: 'waiting', seconds });
  const previewed = ({ buffer }: Uint8Array): void => scope.postMessage({ event: 'preview', bytes: buffer as ArrayBuffer }, [buffer as ArrayBuffer]);
  const { buffer } = await run(job.plan, { blob, url, secret }, told, waiting, previewed, sha256);
  scope.postMessage({ event: 'done', bytes: buffer as ArrayBuffer, memory: memory_bytes() }, [buffer as ArrayBuffer]);
}

scope.onmessage = ({ data }): void => void work(data).catch(give);
// A trap in the middle of a read leaves its promise hanging, and comes out here.
self.addEventListener('error', (event) => {
  event.preventDefault();
  give(event.error ?? event.message);
});
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  give(event.reason);
});
