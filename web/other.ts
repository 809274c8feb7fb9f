/** What the page knows of the image that the open one is compared with. */
import { errorView, type Client } from './client.ts';
import type { Choice, CompareView, ErrorView, Event as SessionEvent, OpenOptions, Overview, Progress, Source } from './protocol.ts';
import type { Opened } from './state.ts';

/** Which image is wanted. */
export interface Wanted {
  /** Tells one from another. */
  readonly key: string;
  /** Null: another image or platform of the source that is open. */
  readonly source: Source | null;
  readonly options: OpenOptions;
}

/** How a link names one choice among others. */
export function named(choice: Choice | null, all: readonly Choice[]): { readonly platform: string | null; readonly image: string | null } {
  if (choice === null) return { platform: null, image: null };
  const several = new Set(all.map(({ number }) => number)).size > 1;
  return { platform: choice.platform, image: several || choice.platform === null ? String(choice.number) : null };
}

export class Other {
  /** What was chosen to compare with, unless it is a reference. No link can carry it. */
  given: { readonly opened: Opened; readonly source: Source } | null = null;
  overview: Overview | null = null;
  error: ErrorView | null = null;
  /** What differs; null while it is not known. */
  view: CompareView | null = null;
  /** Grows when the rows that are on screen are of another comparison than before. */
  version = 0;
  ignoresTimes = false;
  #key = '';
  #client: Client | null = null;
  #progress = new Map<number, number>();

  constructor(private readonly changed: () => void) {}

  /** Reads what is wanted, unless that is done already. */
  want(client: Client, wanted: Wanted | null): void {
    const key = wanted?.key ?? '';
    if (client === this.#client && key === this.#key) return;
    const had = client === this.#client && this.#key !== '';
    this.#clear();
    this.#client = client;
    this.#key = key;
    if (wanted === null) {
      if (had) client.request('uncompare').catch(() => {});
      return;
    }
    const { source, options } = wanted;
    client.request('compare', { source, options }).catch((error: unknown) => {
      if (client !== this.#client || key !== this.#key) return;
      this.error = errorView(error);
      this.changed();
    });
  }

  /** Tries again what failed. */
  again(): void {
    this.#clear();
    this.#key = '';
    this.changed();
  }

  /** Compares times, or does not. */
  ignoreTimes(ignores: boolean): void {
    this.ignoresTimes = ignores;
    void this.#ask();
    this.changed();
  }

  /** Nothing is open any more. */
  reset(): void {
    this.#clear();
    this.given = null;
    this.#client = null;
    this.#key = '';
  }

  hear(event: SessionEvent): void {
    if (event.event === 'other') {
      this.overview = event.overview;
      this.changed();
    } else if (event.event === 'other-progress') this.#read(event.layers);
    else if (event.event === 'compared') void this.#ask();
  }

  get choice(): Choice | null {
    const { overview } = this;
    return overview?.choices.find(({ id }) => id === overview.chosen) ?? null;
  }

  /** How much of the other image's layers is read, from 0 to 1. */
  get share(): number {
    const layers = this.overview?.image?.layers ?? [];
    const of = (size: number | null): number => size ?? 0;
    const whole = layers.reduce((sum, { size }) => sum + of(size), 0);
    const read = layers.reduce((sum, { number, size, state }) => {
      const isRead = state !== 'pending' && state !== 'verifying';
      return sum + (isRead ? of(size) : (this.#progress.get(number) ?? 0));
    }, 0);
    return whole === 0 ? 0 : Math.min(1, read / whole);
  }

  #clear(): void {
    this.overview = this.error = this.view = null;
    this.#progress.clear();
    this.version += 1;
  }

  #read(layers: readonly (readonly [number, Progress])[]): void {
    for (const [number, { read }] of layers) this.#progress.set(number, read);
    this.changed();
  }

  async #ask(): Promise<void> {
    const client = this.#client;
    const key = this.#key;
    if (client === null || key === '') return;
    try {
      const view = await client.request('compared', { ignoreTimes: this.ignoresTimes });
      if (client !== this.#client || key !== this.#key || view === null) return;
      this.view = view;
      this.error = null;
    } catch (error) {
      if (client !== this.#client || key !== this.#key) return;
      this.error = errorView(error);
    }
    this.version += 1;
    this.changed();
  }
}
