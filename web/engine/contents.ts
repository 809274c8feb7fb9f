/** Contents of files, read by scan workers in blocks and kept for a while: each read begins anew at a restart point. */
import type { Content, Scope } from '../protocol.ts';
import type { ContentPlan } from './core.ts';
import { fail } from './failure.ts';

/** Reads begin and end at multiples of this, so that "show more" seldom reads again. */
export const BLOCK = 4 << 20;
/** How many bytes of blocks are kept. */
export const KEPT = 64 << 20;
/** How many workers read contents at one time, beside those that scan. */
export const READERS = 2;

interface Kept {
  /** What file of what layer, without regard to the range. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly bytes: Promise<ArrayBuffer>;
}

export class Contents {
  /** The most recently used last. */
  #kept: Kept[] = [];
  #reading = 0;
  #waiting: (() => void)[] = [];

  /** `plan` is the core's job for a range of a node; `run` does it. */
  constructor(
    private readonly plan: (scope: Scope, node: number, from: number, length: number) => string | undefined,
    private readonly run: (plan: string) => Promise<ArrayBuffer>,
  ) {}

  /** Bytes of a file, fewer than `length` only at its end. */
  async read(scope: Scope, node: number, from: number, length: number): Promise<Content> {
    const first = Math.floor(from / BLOCK) * BLOCK;
    const last = Math.ceil((from + length) / BLOCK) * BLOCK;
    const text = this.plan(scope, node, first, last - first);
    if (text === undefined) throw fail('no-content', 'this entry has no content');
    const plan = JSON.parse(text) as ContentPlan;
    const { size, range } = plan.content;
    const to = Math.min(from + length, size);
    if (to <= from) return { bytes: new ArrayBuffer(0), from, size };
    const file = JSON.stringify({ ...plan, restart: null, chunks: null, content: { ...plan.content, range: null } });
    const kept = this.#find(file, from, to) ?? this.#keep({ file, start: range.start, end: range.end, bytes: this.#queue(text) });
    const bytes = await kept.bytes;
    return { bytes: bytes.slice(from - kept.start, to - kept.start), from, size };
  }

  #find(file: string, from: number, to: number): Kept | null {
    const at = this.#kept.findIndex((kept) => kept.file === file && kept.start <= from && kept.end >= to);
    if (at < 0) return null;
    const [found] = this.#kept.splice(at, 1) as [Kept];
    this.#kept.push(found);
    return found;
  }

  #keep(kept: Kept): Kept {
    this.#kept.push(kept);
    kept.bytes.catch(() => {
      this.#kept = this.#kept.filter((each) => each !== kept);
    });
    const size = ({ start, end }: Kept): number => end - start;
    let sum = this.#kept.reduce((total, each) => total + size(each), 0);
    while (sum > KEPT && this.#kept.length > 1) sum -= size(this.#kept.shift() as Kept);
    return kept;
  }

  async #queue(plan: string): Promise<ArrayBuffer> {
    if (this.#reading >= READERS) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#reading += 1;
    try {
      return await this.run(plan);
    } finally {
      // Whoever waits takes the place over.
      const next = this.#waiting.shift();
      if (next === undefined) this.#reading -= 1;
      else next();
    }
  }
}
