/** One open source: its handle in the core, the workers that read it, and what the page is told of it. */
import type {
  AttachedView, Content, Details, DocumentView, ElfView, Event as SessionEvent, LayerView, Located, Markers, OpenOptions, Overview, Progress, RowPage, RowQuery, Scope, Shares,
  Source,
  WasteReport,
} from '../protocol.ts';
import type { Kept } from './cache.ts';
import { Contents } from './contents.ts';
import type { Core, ScanPlan } from './core.ts';
import { elfFacts } from './elf.ts';
import { fail, failure } from './failure.ts';
import { Nodes } from './nodes.ts';
import { Pace } from './pace.ts';
import type { Listener, Memory, Pool } from './pool.ts';
import { Search } from './search.ts';
import { reach, type Reach } from './source.ts';

/** The least milliseconds between two overviews. */
const OVERVIEW_MS = 100;
/** The least milliseconds between two reports of progress: as often as figures can be read. */
const PROGRESS_MS = 200;
/** The most milliseconds in which a new image's first layer has a processor to itself, and the page the others. */
const FIRST_MS = 1500;

/** What a session needs of the worker around it. */
export interface Surroundings {
  readonly core: Core;
  readonly pool: Pool;
  /** Layers that are known from before. */
  readonly cache: Kept;
  /** How many layers are read at one time. */
  readonly hands: number;
  /** The page's origin. */
  readonly origin: string;
  emit(event: SessionEvent): void;
  /** Every layer is read, and none before this settles. */
  readonly after?: Promise<void>;
}

export class Session {
  readonly #contents: Contents;
  readonly #pace: Pace;
  readonly #steps: Pace;
  readonly #nodes = new Nodes();
  readonly #search: Search;
  #reach: Reach | null = null;
  #handle: number | null = null;
  #source: Source | null = null;
  #closed = false;
  #scanning = 0;
  /** Layers that are being read, by their jobs. */
  #scans = new Map<number, { readonly stated: ScanPlan['expected']; readonly abort: AbortController }>();
  /** Runs while the first layer of a new image is read alone, so that its files are there soonest. */
  #first: ReturnType<typeof setTimeout> | null = null;
  /** Searches for layers among the known ones, under way. */
  #lookups: Promise<void>[] = [];
  /** Grows when running scans are given up, so that what comes of them is not mistaken for news. */
  #turn = 0;
  /** The newest choice; an older one that still waits gives way. */
  #choice = 0;
  /** Settles when the core has no more questions about the source. It answers one set of questions at a time. */
  #resolving: Promise<void> = Promise.resolve();
  /** The digest that is being worked out. */
  #digesting: AbortController | null = null;
  /** What the page knows: of which image, and where the files of its layers come from. */
  #told: { chosen: number | null; files: readonly string[] } = { chosen: null, files: [] };

  constructor(private readonly around: Surroundings) {
    const { core } = around;
    this.#contents = new Contents(
      (scope, node, from, length) => core.content_job(this.#open, scope, node, from, length),
      (plan) => this.#job('extract', plan),
    );
    this.#search = new Search((query, steps) => core.search(this.#open, query, steps), () => around.emit({ event: 'found' }));
    this.#pace = new Pace(() => this.#tell(), OVERVIEW_MS);
    this.#steps = new Pace(() => this.#step(), PROGRESS_MS);
  }

  /** Opens a source. Resolves once its manifest is known; the layers are read from then on. */
  async begin(source: Source, options: OpenOptions): Promise<void> {
    this.around.pool.prepare();
    this.#source = source;
    const found = await reach(source, this.around.origin);
    this.#live();
    this.#reach = found;
    this.#handle = this.around.core.open(found.source, options);
    await this.#resolve();
  }

  /** Shows another image or platform of the same source. */
  async choose(choice: number): Promise<void> {
    const mine = (this.#choice += 1);
    await this.#resolving.catch(() => {});
    if (mine !== this.#choice || this.#closed) return;
    this.#abandon();
    this.around.core.choose(this.#open, choice);
    this.#nodes.renew();
    await this.#resolve();
  }

  /** Reads a layer again. */
  retry(layer: number): void {
    this.around.core.retry(this.#open, layer);
    this.#nodes.renew();
    this.#fill();
    this.#pace.flush();
  }

  /** Reads the layers, too, that are not read unasked. */
  readAll(): void {
    this.around.core.read_unlisted(this.#open);
    for (const { number, onDemand } of this.overview()?.image?.layers ?? []) if (onDemand === true) this.around.core.retry(this.#open, number);
    this.#nodes.renew();
    this.#fill();
    this.#pace.flush();
  }

  /** Ends all work. What is known stays. */
  cancel(): void {
    this.#abandon();
    this.around.core.stop(this.#open);
    this.#pace.flush();
  }

  /** Ends the reading of one layer, which then counts as failed. */
  cancelLayer(blob: string): void {
    for (const { stated, abort } of this.#scans.values()) if (stated?.digest === blob || stated?.diffId === blob) abort.abort();
  }

  close(): void {
    if (this.#closed) return;
    this.#abandon();
    this.#pace.stop();
    this.#steps.stop();
    this.#search.stop();
    this.around.pool.close();
    this.#closed = true;
    if (this.#handle !== null) this.around.core.close(this.#handle);
  }

  // ---- what the page asks ----------------------------------------------------------------------

  rows(query: RowQuery, from: number, count: number): RowPage {
    const page = (rows: number): RowPage => this.around.core.rows(this.#open, query, from, rows) as RowPage;
    this.#search.begin(query, () => page(0).total >= from + count);
    const found = page(count);
    return { ...found, rows: found.rows.map((row) => this.#nodes.row(query.scope, row)) };
  }

  /** Null: all directories, of which those of so many levels are opened. */
  fold(query: RowQuery, node: number | null, levels: number): void {
    // The root has the number 0 in every tree.
    this.around.core.fold(this.#open, query, node === null ? 0 : this.#node(query.scope, node), levels);
  }

  locate(query: RowQuery, path: string): Located | null {
    return this.#located(this.around.core.locate(this.#open, query, path));
  }

  parent(query: RowQuery, node: number): Located | null {
    return this.#located(this.around.core.parent(this.#open, query, this.#node(query.scope, node)));
  }

  seek(query: RowQuery, text: string, from: number): Located | null {
    return this.#located(this.around.core.seek(this.#open, query, text, from));
  }

  details(scope: Scope, node: number): Details {
    const details = this.around.core.details(this.#open, scope, this.#node(scope, node)) as Details | null;
    if (details === null) throw fail('path-absent', 'there is no such entry');
    const row = this.#nodes.row(scope, details.row);
    const links = details.links.map((hop) => ({ ...hop, node: hop.node === null ? null : this.#nodes.number(hop.node) }));
    return { ...details, node: row.node, row, links };
  }

  node(scope: Scope, path: string): number | null {
    const node = this.around.core.node_at(this.#open, scope, path);
    return node === undefined ? null : this.#nodes.number(node);
  }

  /** What an ELF file says of itself: only the few parts are read that say it. */
  async elf(scope: Scope, node: number): Promise<ElfView | null> {
    const { size } = await this.content(scope, node, 0, 0);
    return elfFacts(this.around.core, size, (from, length) => this.content(scope, node, from, length));
  }

  /** The SHA-256 of a whole file. A new one ends the one before. */
  async digest(scope: Scope, node: number): Promise<string> {
    this.stopDigest();
    const { core, emit } = this.around;
    const plan = core.content_job(this.#open, scope, this.#node(scope, node), 0, Number.MAX_SAFE_INTEGER);
    if (plan === undefined) throw fail('no-content', 'this entry has no content');
    const { signal } = (this.#digesting = new AbortController());
    const text = await this.#job('digest', JSON.stringify({ ...JSON.parse(plan), op: 'digest' }), {
      signal,
      progress: ({ unpacked }) => emit({ event: 'digesting', read: unpacked }),
    });
    return new TextDecoder().decode(text);
  }

  stopDigest(): void {
    this.#digesting?.abort();
    this.#digesting = null;
  }

  shares(scope: Scope, path: string, count: number): Shares | null {
    return this.around.core.shares(this.#open, scope, path, count) as Shares | null;
  }

  content(scope: Scope, node: number, from: number, length: number): Promise<Content> {
    return this.#contents.read(scope, this.#node(scope, node), from, length);
  }

  /** The same of the core's own number of a node of the merged tree. */
  contentOf(node: number, from: number, length: number): Promise<Content> {
    return this.#contents.read({ scope: 'merged' }, node, from, length);
  }

  /** The core's handle. */
  get handle(): number {
    return this.#open;
  }

  /** What was opened. */
  get source(): Source | null {
    return this.#source;
  }

  overview(): Overview | null {
    return this.#view<Overview>('inspect');
  }

  waste(): WasteReport {
    return this.#view<WasteReport>('waste') as WasteReport;
  }

  markers(): Markers {
    return this.#view<Markers>('markers') as Markers;
  }

  raw(what: 'manifest' | 'config'): DocumentView | null {
    return this.#view<DocumentView>(what);
  }

  async attached(): Promise<AttachedView | null> {
    const text = await this.around.core.attached(this.#open, this.#waiting);
    return text === undefined ? null : (JSON.parse(text) as AttachedView);
  }

  attachedBytes(digest: string): ArrayBuffer | null {
    return (this.around.core.attached_bytes(this.#open, digest)?.buffer as ArrayBuffer | undefined) ?? null;
  }

  async tags(): Promise<unknown> {
    return this.around.core.tags(this.#open, this.#waiting);
  }

  memory(): Memory & { readonly indexes: number } {
    return { ...this.around.pool.note(), indexes: this.#handle === null ? 0 : this.around.core.index_bytes(this.#handle) };
  }

  // ---- how it goes on ----------------------------------------------------------------------------

  get #open(): number {
    if (this.#handle === null || this.#closed) throw fail('closed', 'nothing is open');
    return this.#handle;
  }

  /** The core's number of one of the page's nodes. */
  #node(scope: Scope, node: number): number {
    return this.#nodes.node(scope, node, (path) => this.around.core.node_at(this.#open, scope, path));
  }

  #located(found: unknown): Located | null {
    const located = found as Located | null;
    return located === null ? null : { ...located, node: this.#nodes.number(located.node) };
  }

  #live(): void {
    if (this.#closed) throw fail('closed', 'the source was closed');
  }

  async #resolve(): Promise<void> {
    const answered = this.#answer();
    try {
      await answered;
      this.#live();
    } catch (error) {
      throw failure(error);
    } finally {
      // A choice that failed leaves the image before it, which goes on.
      if (!this.#closed) {
        this.#nodes.renew();
        this.#pace.flush();
        this.#go();
      }
    }
  }

  /** Begins to read. */
  #go(): void {
    const { after } = this.around;
    const turn = this.#turn;
    const start = (): void => {
      if (turn !== this.#turn || this.#closed) return;
      if (after !== undefined) this.around.core.read_unlisted(this.#open);
      this.#start();
      void this.#searchTables();
    };
    if (after === undefined) start();
    else void after.then(start);
  }

  /** Answers what the core asks. */
  #answer(): Promise<void> {
    return (this.#resolving = this.around.core.resolve(this.#open, () => this.#readThrough(), this.#waiting));
  }

  /** Layers that are not read unasked may have a table of contents, which shows their files. */
  async #searchTables(): Promise<void> {
    const turn = this.#turn;
    await Promise.all(this.#lookups.splice(0));
    if (turn !== this.#turn || this.#closed) return;
    if (!this.around.core.search_tables(this.#open)) return;
    // Where there is no answer, the layer says so itself; a source that was closed needs none.
    await this.#answer().catch(() => {});
    if (this.#closed) return;
    this.#nodes.renew();
    this.#pace.changed();
  }

  /** Begins with one layer. The others follow when its files are known, or its bytes come. */
  #start(): void {
    clearTimeout(this.#first ?? undefined);
    this.#first = setTimeout(() => this.#others(), FIRST_MS);
    this.#fill();
  }

  #others(): void {
    if (this.#first === null) return;
    clearTimeout(this.#first);
    this.#first = null;
    this.#fill();
    this.#pace.changed();
  }

  /** A registry asks for time, or did not answer. */
  readonly #waiting = (seconds: number): void => {
    if (!this.#closed) this.around.emit({ event: 'waiting', seconds });
  };

  /** A wrapped archive has no random access: it is read once to its end, and its layers are scanned in passing. */
  #readThrough(): Promise<ArrayBuffer> {
    const progress = (progress: Progress): void => this.around.emit({ event: 'opening', progress });
    return this.#job('read-through', JSON.stringify({ op: 'read-through', size: this.#reach?.size ?? 0 }), { progress });
  }

  #job(op: 'extract' | 'digest' | 'read-through', plan: string, listener: Listener = {}): Promise<ArrayBuffer> {
    const { place } = JSON.parse(plan) as { place?: ScanPlan['place'] };
    const access = this.#reach?.accessTo(place ?? { range: { offset: 0, len: 0 } }) ?? null;
    if (access === null) return Promise.reject(fail('absent', 'the bytes are not in the source'));
    return this.around.pool.run({ op, plan, ...access }, { waiting: this.#waiting, ...listener });
  }

  /** Gives every free hand a layer. */
  #fill(): void {
    const { core, hands } = this.around;
    while (this.#scanning < (this.#first === null ? hands : 1)) {
      const plan = core.next_scan(this.#open);
      if (plan === undefined) return;
      this.#scan(plan);
    }
  }

  #scan(plan: string): void {
    const { core, pool } = this.around;
    const { id, known, unasked, place, expected } = JSON.parse(plan) as ScanPlan;
    if (unasked === true) {
      this.#lookups.push(this.#lookUp(id, known));
      return;
    }
    const access = this.#reach?.accessTo(place) ?? null;
    if (access === null) {
      core.scan_failed(this.#open, id, 'the source has no such file');
      this.#nodes.renew();
      this.#pace.changed();
      return;
    }
    const turn = this.#turn;
    const settle = (act: () => void): void => {
      if (turn !== this.#turn) return;
      this.#scanning -= 1;
      this.#others();
      act();
      this.#nodes.renew();
      pool.note();
      this.#fill();
      this.#pace.changed();
    };
    const read = (): void => {
      const abort = new AbortController();
      this.#scans.set(id, { stated: expected, abort });
      pool
        .run({ op: 'scan', plan, ...access }, {
          progress: ({ read, unpacked, entries }) => {
            core.progress(this.#open, id, read, unpacked, entries);
            if (read > 0) this.#others();
            this.#steps.changed();
          },
          waiting: (seconds) => {
            this.#waiting(seconds);
            this.#others();
          },
          preview: (bytes) => {
            core.preview(this.#open, id, new Uint8Array(bytes));
            this.#nodes.renew();
            this.#pace.flush();
            this.#others();
          },
          signal: abort.signal,
        })
        .finally(() => this.#scans.delete(id))
        .then(
          (bytes) => settle(() => this.#keep(core.scanned(this.#open, id, new Uint8Array(bytes)), bytes)),
          (error: unknown) => settle(() => core.scan_failed(this.#open, id, why(error))),
        );
    };
    this.#scanning += 1;
    if (known == null) return read();
    void this.#recall(id, known).then((is) => {
      if (is) settle(() => {});
      else if (turn === this.#turn) read();
    });
  }

  /** Whether a layer is known under a name. What was kept and is of no use goes. */
  async #recall(id: number, name: string): Promise<boolean> {
    const { cache, core } = this.around;
    const turn = this.#turn;
    const bytes = await cache.get(name);
    if (bytes === null || turn !== this.#turn) return false;
    if (core.known(this.#open, id, new Uint8Array(bytes))) return true;
    void cache.remove(name);
    return false;
  }

  /** A layer that nobody asked for: it is known, or waits. */
  async #lookUp(id: number, known: string | null | undefined): Promise<void> {
    const turn = this.#turn;
    const is = known != null && (await this.#recall(id, known));
    if (turn !== this.#turn) return;
    if (!is) return this.around.core.unknown(this.#open, id);
    this.#nodes.renew();
    this.#pace.changed();
  }

  #keep(name: string | undefined, bytes: ArrayBuffer): void {
    if (name !== undefined) void this.around.cache.put(name, bytes);
  }

  #abandon(): void {
    clearTimeout(this.#first ?? undefined);
    this.#first = null;
    this.#turn += 1;
    this.#scanning = 0;
    this.around.pool.stop();
  }

  #view<T>(what: string): T | null {
    const text = this.around.core.view(this.#open, what);
    return text === undefined ? null : (JSON.parse(text) as T);
  }

  #step(): void {
    const layers = this.#view<[number, Progress][]>('progress') ?? [];
    if (layers.length > 0) this.around.emit({ event: 'progress', layers });
  }

  #tell(): void {
    const overview = this.overview();
    if (overview === null) return;
    const before = this.#told.chosen === overview.chosen ? this.#told.files : [];
    const files = (overview.image?.layers ?? []).map(filesOf);
    this.#told = { chosen: overview.chosen, files };
    this.around.emit({ event: 'overview', overview });
    files.forEach((each, layer) => {
      if (each !== (before[layer] ?? 'none')) this.around.emit({ event: 'trees', layer });
    });
  }
}

/** The reason alone: the core says of what layer. */
function why(error: unknown): string {
  const { view } = failure(error);
  return view.found ?? view.text;
}

/** Other when other files of a layer are known: none, those of a preview, or all that can be known. */
function filesOf({ state, preview, entries }: LayerView): string {
  if (state !== 'pending' && state !== 'verifying') return 'read';
  return preview === true ? `preview of ${entries}` : 'none';
}
