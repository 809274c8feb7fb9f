/** Running work as one figure: bytes, rate, time left; and what of it is worth saying aloud. */
import type { LayerState, LayerView } from './protocol.ts';

const SETTLED: readonly LayerState[] = ['verified', 'known', 'mismatch', 'not-stated', 'unchecked', 'failed', 'absent', 'foreign', 'not-a-layer'];

/** Nothing more will happen to this layer by itself. */
export function isSettled(layer: LayerView): boolean {
  return SETTLED.includes(layer.state) || layer.onDemand === true;
}

/** The work on all layers. */
export interface Work {
  /** Compressed bytes, read and in all; the total is null while a size is unknown. */
  readonly read: number;
  readonly total: number | null;
  /** Numbers of the layers that are being read, oldest first. */
  readonly running: readonly number[];
  readonly waiting: number;
  readonly failed: readonly number[];
  readonly mismatched: readonly number[];
  readonly verified: number;
  /** How many are known from before, so that nothing of them is read. */
  readonly known: number;
  /** Compressed bytes of the layers that are not read before somebody asks for them. */
  readonly held: number;
}

/** Nothing to do, and nothing done. */
export const NO_WORK: Work = { read: 0, total: 0, running: [], waiting: 0, failed: [], mismatched: [], verified: 0, known: 0, held: 0 };

/** `stopped`: the user cancelled, so that what is pending does not wait for anything. */
export function workOf(layers: readonly LayerView[], stopped = false): Work {
  let read = 0;
  let total: number | null = 0;
  const running: number[] = [];
  const failed: number[] = [];
  const mismatched: number[] = [];
  let waiting = 0;
  let verified = 0;
  let known = 0;
  let held = 0;
  for (const layer of layers) {
    const { state, progress } = layer;
    if (state === 'absent' || state === 'foreign' || state === 'not-a-layer') continue;
    if (state === 'known') {
      known += 1;
      continue;
    }
    const size = progress?.total ?? layer.size ?? layer.sizeStated;
    if (layer.onDemand === true) {
      held += size ?? 0;
      continue;
    }
    const done = isSettled(layer) ? (progress?.read ?? size ?? 0) : (progress?.read ?? 0);
    read += done;
    if (isSettled(layer)) total = total === null ? null : total + done;
    else total = total === null || size === null ? null : total + Math.max(size, done);
    if (state === 'verifying') running.push(layer.number);
    if (state === 'pending' && !stopped) waiting += 1;
    if (state === 'failed') failed.push(layer.number);
    if (state === 'mismatch') mismatched.push(layer.number);
    if (state === 'verified') verified += 1;
  }
  return { read, total, running, waiting, failed, mismatched, verified, known, held };
}

/** Rate over the last seconds, so that it neither jumps nor remembers a slow start. */
const WINDOW_MS = 3000;

export class Meter {
  #samples: { at: number; read: number }[] = [];
  #began: number | null = null;
  #ended: number | null = null;
  #work: Work | null = null;

  /** Forgets everything: another image. */
  reset(): void {
    this.#samples = [];
    this.#began = this.#ended = this.#work = null;
  }

  /** Takes note of the work at a moment, in milliseconds. */
  sample(at: number, work: Work): void {
    const busy = work.running.length + work.waiting > 0;
    if (busy && this.#ended !== null) {
      // Work again, after a pause or a retry.
      this.#samples = [];
      this.#began = at;
      this.#ended = null;
    }
    this.#began ??= at;
    if (!busy) this.#ended ??= at;
    this.#work = work;
    this.#samples.push({ at, read: work.read });
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) > WINDOW_MS) this.#samples.shift();
  }

  get work(): Work | null {
    return this.#work;
  }

  /** Bytes in a second; null until there is enough to tell. */
  get rate(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < 300 || last.read <= first.read) return null;
    return ((last.read - first.read) * 1000) / (last.at - first.at);
  }

  /** Seconds; null when unknown. */
  get left(): number | null {
    const { rate } = this;
    if (rate === null || this.#work === null || this.#work.total === null) return null;
    return Math.max(0, this.#work.total - this.#work.read) / rate;
  }

  /** From 0 to 1; null while the total is unknown. */
  get share(): number | null {
    const work = this.#work;
    if (work === null || work.total === null) return null;
    return work.total === 0 ? 1 : Math.min(1, work.read / work.total);
  }

  /** Seconds from the first sample to the last, or to the end of the work. */
  get seconds(): number {
    const last = this.#samples.at(-1);
    return this.#began === null || last === undefined ? 0 : ((this.#ended ?? last.at) - this.#began) / 1000;
  }

  get busy(): boolean {
    return this.#work !== null && this.#work.running.length + this.#work.waiting > 0;
  }
}

/** Something to be said to those who do not see the page. */
export type Announcement =
  | { readonly kind: 'started'; readonly layers: number }
  | { readonly kind: 'quarter'; readonly percent: 25 | 50 | 75 }
  | { readonly kind: 'ended'; readonly verified: number; readonly known: number; readonly failed: number; readonly mismatched: number }
  | { readonly kind: 'mismatch'; readonly layer: number };

/** Says each thing once: the start, each quarter, the end, and every mismatch at once. */
export class Announcer {
  #started = false;
  #quarter = 0;
  #ended = false;
  #told = new Set<number>();

  reset(): void {
    this.#started = this.#ended = false;
    this.#quarter = 0;
    this.#told.clear();
  }

  next(work: Work, share: number | null): Announcement[] {
    const said: Announcement[] = [];
    const busy = work.running.length + work.waiting > 0;
    if (busy && (!this.#started || this.#ended)) {
      this.#started = true;
      this.#ended = false;
      this.#quarter = 0;
      said.push({ kind: 'started', layers: work.running.length + work.waiting });
    }
    for (const layer of work.mismatched) {
      if (this.#told.has(layer)) continue;
      this.#told.add(layer);
      said.push({ kind: 'mismatch', layer });
    }
    if (busy && share !== null) {
      const quarter = Math.min(3, Math.floor(share * 4));
      if (quarter > this.#quarter) {
        this.#quarter = quarter;
        said.push({ kind: 'quarter', percent: (quarter * 25) as 25 | 50 | 75 });
      }
    }
    if (!busy && !this.#ended) {
      this.#ended = true;
      said.push({ kind: 'ended', verified: work.verified, known: work.known, failed: work.failed.length, mismatched: work.mismatched.length });
    }
    return said;
  }
}
