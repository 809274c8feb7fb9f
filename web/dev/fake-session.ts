/** Answers the page's requests from made-up data, with a little delay, as a worker would. */
import type { Port } from '../client.ts';
import type { Event as SessionEvent, LayerView, Overview, Reply, Request, Source, WasteReport } from '../protocol.ts';
import { fakeOverview, scenarioOf } from './fake-image.ts';
import { FakeTree } from './fake-tree.ts';

const WASTE: WasteReport = {
  reclaimableBytes: 119_300_000, visibleBytes: 496_400_000, totalBytes: 615_700_000, incomplete: false,
  dive: { efficiency: 0.9999, wastedBytes: 342, userWastedPercent: 0.0000008, sizeBytes: 632_300_000, userSizeBytes: 428_500_000 },
  paths: [
    { path: '/usr/local/lib/python3.11/dist-packages/scipy', bytes: 111_748_931, cause: 'deleted', layer: 1, by: 2 }, { path: '/usr/share/doc', bytes: 7_573_046, cause: 'deleted', layer: 0, by: 2 },
    { path: '/etc/motd', bytes: 286, cause: 'overwritten', layer: 0, by: 2 }, { path: '/etc/alternatives/awk', bytes: 12, cause: 'metadata-only', layer: 0, by: 1 },
  ],
};

export class FakeSession implements Port {
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  #tree = new FakeTree();
  #overview: Overview | null = null;
  #timer = 0;

  terminate(): void {
    window.clearInterval(this.#timer);
  }

  postMessage(message: unknown): void {
    const request = message as Request;
    window.setTimeout(() => this.#answer(request), 4);
  }

  #send(data: Reply | SessionEvent): void {
    this.onmessage?.(new MessageEvent('message', { data }));
  }

  #answer(request: Request): void {
    try {
      const value = this.#value(request);
      this.#send({ id: request.id, ok: true, value });
    } catch (error) {
      const refused = error instanceof Refused ? error.view : { name: 'driver', text: String(error) };
      this.#send({ id: request.id, ok: false, error: refused });
    }
  }

  #value(request: Request): unknown {
    switch (request.op) {
      case 'open':
        return this.#open(request.source);
      case 'rows':
        return this.#tree.rows(request.query, request.from, request.count);
      case 'fold':
        return request.node === null ? null : (this.#tree.toggle(request.node, request.levels > 0), null);
      case 'locate':
        return this.#tree.locate(request.query, request.path);
      case 'parent':
        return this.#tree.parent(request.query, request.node);
      case 'seek':
        return this.#tree.seek(request.query, request.text, request.from);
      case 'details':
        return this.#tree.details(request.node);
      case 'content': {
        const all = this.#tree.content(request.node);
        return { bytes: all.slice(request.from, request.from + request.length).buffer, from: request.from, size: all.length };
      }
      case 'digest':
        return '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
      case 'waste':
        return WASTE;
      case 'raw': {
        const blob = this.#overview?.image?.[request.what];
        return blob == null ? null : { blob, text: JSON.stringify({ schemaVersion: 2, mediaType: blob.mediaType, empty: {}, list: [], exact: 12345678901234567890n.toString(), layers: this.#overview?.image?.layers.map(({ digest, size, mediaType }) => ({ mediaType, digest, size })) }) };
      }
      case 'choose':
        return this.#change((overview) => ({ ...overview, chosen: request.choice })), null;
      case 'retry':
        return null;
      default:
        return null;
    }
  }

  #open(source: Source): null {
    const name = source.kind === 'reference' ? source.reference : source.kind === 'file' ? source.file.name : source.name;
    if (name.includes('denied')) throw new Refused({ name: 'denied', at: 'ghcr.io', text: 'ghcr.io denies acme/api (status 401)' });
    if (name.includes('private')) throw new Refused({ name: 'host-not-allowed', at: 'registry.corp.example', found: 'layerscope serve --allow-registry registry.corp.example', text: 'host-not-allowed' });
    if (name.includes('slow')) return null;
    const overview = fakeOverview(name);
    this.#overview = overview;
    this.#send({ event: 'ready' });
    this.#send({ event: 'overview', overview });
    if (scenarioOf(name) === 'running') this.#timer = window.setInterval(() => this.#progress(), 100);
    return null;
  }

  /** Reads the made-up layers one after the other. */
  #progress(): void {
    this.#change((overview) => {
      const { image } = overview;
      if (image === null) return overview;
      const next = image.layers.find(({ state }) => state === 'pending' || state === 'verifying');
      if (next === undefined) {
        window.clearInterval(this.#timer);
        return { ...overview, image: { ...image, totals: { ...image.totals, settled: true, verified: true } } };
      }
      const size = next.size ?? 0;
      const read = Math.min(size, (next.progress?.read ?? 0) + 3_200_000);
      const done = read === size;
      const layer: LayerView = done
        ? { ...next, state: 'verified', digestState: 'verified', diffIdState: 'verified', progress: null, uncompressedSize: size * 3, entries: 5000, counts: { added: 5000, modified: 0, metadata: 2, removed: 0 } }
        : { ...next, state: 'verifying', digestState: 'verifying', diffIdState: 'verifying', progress: { read, total: size, unpacked: read * 3, entries: Math.round(read / 9000) } };
      if (done) this.#send({ event: 'trees', layer: next.number });
      return { ...overview, image: { ...image, layers: image.layers.with(next.number, layer) } };
    });
  }

  #change(change: (overview: Overview) => Overview): void {
    if (this.#overview === null) return;
    this.#overview = change(this.#overview);
    this.#send({ event: 'overview', overview: this.#overview });
  }
}

class Refused extends Error {
  constructor(readonly view: { name: string; at?: string; found?: string; text: string }) {
    super(view.text);
  }
}
