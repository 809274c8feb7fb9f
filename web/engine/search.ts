/** A filter over a large tree: its first rows are answered soon, and the rest is looked for while other requests are answered too. */
import type { RowQuery } from '../protocol.ts';
import { isCrash } from './failure.ts';

/** How long the first answer may look. With what goes around it a keystroke is answered within a tenth of a second. */
const FIRST_MS = 25;
/** How long it looks before it asks whether that is enough. */
const GLANCE_MS = 5;
/** How long one turn may last afterwards: the next key waits for its end. */
const TURN_MS = 12;
/** How long it rests after the first answer, in which the page draws that. */
const REST_MS = 40;
/** How often it is told that more was found. */
const TELL_MS = 250;
/** Entries between two looks at the clock: a few milliseconds for the slowest expression. */
const STEPS = 1000;

export class Search {
  /** The query that is searched for in turns. */
  #running = '';
  #timer: ReturnType<typeof setTimeout> | null = null;
  #told = 0;

  constructor(
    /** Looks through so many entries; true while there are more. */
    private readonly step: (query: RowQuery, steps: number) => boolean,
    /** More was found, or all. */
    private readonly found: () => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Looks until there is enough for a first answer; when there is more to look through, that goes on in turns. */
  begin(query: RowQuery, isEnough: () => boolean): void {
    const key = JSON.stringify(query);
    if (query.filter === '' || key === this.#running) return;
    this.stop();
    const end = this.now() + FIRST_MS;
    let more = this.#look(query, GLANCE_MS);
    while (more && this.now() < end && !isEnough()) more = this.#look(query, GLANCE_MS);
    if (!more) return;
    this.#running = key;
    this.#told = this.now();
    this.#goOn(query, REST_MS);
  }

  /** Leaves it at what was found. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#running = '';
  }

  #look(query: RowQuery, ms: number): boolean {
    const end = this.now() + ms;
    let more = this.step(query, STEPS);
    while (more && this.now() < end) more = this.step(query, STEPS);
    return more;
  }

  #goOn(query: RowQuery, rest = 0): void {
    this.#timer = setTimeout(() => {
      try {
        if (this.#look(query, TURN_MS)) this.#goOn(query);
        else this.stop();
      } catch (error) {
        // Whoever asks for rows next is told.
        this.stop();
        if (isCrash(error)) throw error;
      }
      if (this.#timer !== null && this.now() - this.#told < TELL_MS) return;
      this.#told = this.now();
      this.found();
    }, rest);
  }
}
