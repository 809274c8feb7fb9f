/** The image beside the one that is open: a second session in the same core, and what the two differ in. */
import type { CompareView, ComparePage, CompareQuery, Content, Event as SessionEvent, Located, OpenOptions, Overview, Side, Source } from '../protocol.ts';
import type { Core } from './core.ts';
import { fail } from './failure.ts';
import type { Session } from './session.ts';

type Emit = (event: SessionEvent) => void;
/** What a comparison needs of the session that was open before. */
type Opened = Pick<Session, 'contentOf' | 'handle' | 'overview' | 'readAll' | 'source'>;
/** Makes the other session, which reads no layer before `after` settles. */
type Make = (emit: Emit, after: Promise<void>) => Opened & Pick<Session, 'begin' | 'close'>;

export class Comparison {
  #other: ReturnType<Make> | null = null;
  /** Whether all that can be known of the open image is known, and of the other. */
  #settled = { a: false, b: false };
  /** The open image is settled for the first time since there is another. */
  #first: (() => void) | null = null;
  /** What the core compared is not what both images are now. */
  #stale = true;
  #ignoresTimes = false;
  #view: CompareView | null = null;

  constructor(
    private readonly core: Pick<Core, 'compare' | 'compare_locate' | 'compare_rows' | 'compare_toggle' | 'uncompare'>,
    private readonly opened: Opened,
    private readonly make: Make,
    private readonly emit: Emit,
  ) {}

  /**
   * Opens the image to compare with; without a source, another one of the source that is open. Resolves once its manifest is
   * known. Its layers are read after those of the open image, which are kept then: what both share is read once.
   */
  async begin(source: Source | null, options: OpenOptions): Promise<void> {
    this.close();
    const from = source ?? this.opened.source;
    if (from === null) throw fail('closed', 'nothing is open');
    const after = new Promise<void>((settle) => (this.#first = settle));
    const other = this.make((event) => {
      if (this.#other === other) this.#hearOther(event);
    }, after);
    this.#other = other;
    this.opened.readAll();
    this.#see('a', this.opened.overview());
    await other.begin(from, options);
  }

  /** Forgets the other image. */
  close(): void {
    this.#other?.close();
    this.#other = null;
    this.#first = null;
    this.#settled = { a: false, b: false };
    this.#stale = true;
    this.#view = null;
    this.core.uncompare();
  }

  /** News of the open image. */
  hear(event: SessionEvent): void {
    if (this.#other === null) return;
    if (event.event === 'overview') this.#see('a', event.overview);
    else if (event.event === 'trees') this.#change();
  }

  // ---- what the page asks ----------------------------------------------------------------------

  /** What differs, at a glance; null while it is not known. */
  view(ignoresTimes: boolean): CompareView | null {
    const other = this.#other;
    if (other === null || !this.#isReady) return null;
    if (this.#stale || this.#view === null || ignoresTimes !== this.#ignoresTimes) {
      this.#view = JSON.parse(this.core.compare(this.opened.handle, other.handle, ignoresTimes)) as CompareView;
      this.#ignoresTimes = ignoresTimes;
      this.#stale = false;
    }
    return this.#view;
  }

  rows(query: CompareQuery, from: number, count: number): ComparePage {
    this.#fresh();
    return this.core.compare_rows(query, from, count) as ComparePage;
  }

  toggle(query: CompareQuery, row: number, expand: boolean): void {
    this.#fresh();
    this.core.compare_toggle(query, row, expand);
  }

  locate(query: CompareQuery, path: string): Located | null {
    this.#fresh();
    return this.core.compare_locate(query, path) as Located | null;
  }

  content(side: Side, node: number, from: number, length: number): Promise<Content> {
    this.#fresh();
    const session = side === 'a' ? this.opened : this.#other;
    if (session === null) throw fail('closed', 'nothing is compared');
    return session.contentOf(node, from, length);
  }

  // ---- how it goes on ----------------------------------------------------------------------------

  get #isReady(): boolean {
    return this.#settled.a && this.#settled.b;
  }

  /** Numbers of rows and nodes mean something only as long as the images are what was compared. */
  #fresh(): void {
    if (this.#stale) throw fail('closed', 'nothing is compared');
  }

  #hearOther(event: SessionEvent): void {
    if (event.event === 'overview') {
      this.emit({ event: 'other', overview: event.overview });
      this.#see('b', event.overview);
    } else if (event.event === 'progress') this.emit({ event: 'other-progress', layers: event.layers });
    else if (event.event === 'trees') this.#change();
    else if (event.event === 'waiting') this.emit(event);
  }

  #see(side: Side, overview: Overview | null): void {
    const was = this.#isReady;
    this.#settled[side] = overview?.image?.totals.settled === true;
    if (this.#settled.a) this.#first?.();
    if (this.#isReady && !was) this.#change();
  }

  #change(): void {
    this.#stale = true;
    if (this.#isReady) this.emit({ event: 'compared' });
  }
}
