/** Scan workers: one job each, then they end, because wasm memory never shrinks. */
import { Failure } from '../client.ts';
import type { Progress, ScanEvent, ScanJob } from '../protocol.ts';
import { fail } from './failure.ts';

/** What the pool needs of a worker. */
export interface Hand {
  postMessage(message: Order): void;
  terminate(): void;
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** The one message that a scan worker is sent. */
export interface Order {
  /** Compiled already; each worker only instantiates it. */
  readonly module: WebAssembly.Module;
  readonly job: ScanJob;
}

/** Bytes of wasm memory: now, and the most there were at one time. */
export interface Memory {
  readonly bytes: number;
  readonly peak: number;
}

/** Who is told of a job's way to its result. */
export interface Listener {
  progress?(progress: Progress): void;
  /** A registry is asked again after so many seconds. */
  waiting?(seconds: number): void;
  /** What the headers of a layer tell, before its contents are read. */
  preview?(bytes: ArrayBuffer): void;
  /** Ends the job; whoever waits for it is told that it was cancelled. */
  readonly signal?: AbortSignal;
}

interface Running {
  memory: number;
  end(why: Failure): void;
}

export class Pool {
  #running = new Set<Running>();
  /** A worker that waits for its job. */
  #spare: Hand | null = null;
  #peak = 0;

  /** `own` tells the wasm memory of the worker that the pool lives in. */
  constructor(
    private readonly module: WebAssembly.Module,
    private readonly spawn: () => Hand,
    private readonly own: () => number,
  ) {}

  /** Starts a worker for a job that will come soon. */
  prepare(): void {
    this.#spare ??= this.spawn();
  }

  /** Does a job in a worker of its own, and resolves with the bytes of its result. */
  run(job: ScanJob, listener: Listener = {}): Promise<ArrayBuffer> {
    return new Promise((resolve, reject) => {
      const hand = this.#spare ?? this.spawn();
      this.#spare = null;
      const finish = (settle: () => void): void => {
        // A message that is under way when a worker is ended must not be heard.
        hand.onmessage = hand.onerror = null;
        hand.terminate();
        this.#running.delete(running);
        settle();
      };
      const running: Running = { memory: 0, end: (why) => finish(() => reject(why)) };
      this.#running.add(running);
      hand.onmessage = ({ data }: MessageEvent): void => {
        const event = data as ScanEvent;
        if (event.event === 'failed') {
          running.end(new Failure(event.error));
          return;
        }
        if (event.event === 'waiting') {
          listener.waiting?.(event.seconds);
          return;
        }
        if (event.event === 'preview') {
          listener.preview?.(event.bytes);
          return;
        }
        running.memory = event.memory;
        this.note();
        if (event.event === 'progress') listener.progress?.(event.progress);
        else finish(() => resolve(event.bytes));
      };
      hand.onerror = (event): void => {
        event.preventDefault?.();
        running.end(fail('worker-crashed', event.message ? `the scan worker stopped: ${event.message}` : 'the scan worker could not be started'));
      };
      listener.signal?.addEventListener('abort', () => {
        if (this.#running.has(running)) running.end(fail('cancelled', 'cancelled'));
      });
      hand.postMessage({ module: this.module, job });
    });
  }

  /** Ends the worker that waits, too. */
  close(): void {
    this.stop();
    this.#spare?.terminate();
    this.#spare = null;
  }

  /** Ends all workers; whoever waits for one is told that it was cancelled. */
  stop(): void {
    for (const running of [...this.#running]) running.end(fail('cancelled', 'cancelled'));
  }

  /** Takes note of the memory in use, so that the peak is not missed. */
  note(): Memory {
    let bytes = this.own();
    for (const { memory } of this.#running) bytes += memory;
    this.#peak = Math.max(this.#peak, bytes);
    return { bytes, peak: this.#peak };
  }
}
