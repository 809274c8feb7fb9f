/** The page's end of the session worker: each request gets one answer, events go to one listener. */
import type {
  AttachedView, CompareView, ComparePage, Content, Details, DocumentView, ElfView, ErrorView, Event as SessionEvent, GateReport, Located, Markers, Reply, Request, RowPage,
  Shares, WasteReport,
} from './protocol.ts';

/** What the client needs of a worker. */
export interface Port {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** What each request is answered with. */
export interface Answers {
  open: null; choose: null; rows: RowPage; fold: null; locate: Located | null; parent: Located | null; seek: Located | null;
  details: Details; shares: Shares | null; content: Content; node: number | null; elf: ElfView | null; digest: string; 'digest-stop': null; waste: WasteReport;
  markers: Markers; gate: GateReport; raw: DocumentView | null; attached: AttachedView | null; 'attached-bytes': ArrayBuffer | null; tags: string[]; retry: null; cancel: null;
  compare: null; compared: CompareView | null; 'compare-rows': ComparePage; 'compare-toggle': null; 'compare-locate': Located | null;
  'compare-content': Content; uncompare: null;
  memory: { bytes: number; peak: number; indexes: number };
}
export type Op = Request['op'];
type Body<O extends Op> = Omit<Extract<Request, { op: O }>, 'id' | 'op'>;
/** Ops that need no arguments may be asked by name alone. */
type Arguments<O extends Op> = object extends Body<O> ? [body?: Body<O>] : [body: Body<O>];

/** A request that was refused, with what the core says about it. */
export class Failure extends Error {
  constructor(readonly view: ErrorView) {
    super(view.text);
    this.name = 'Failure';
  }
}

/** Any error as something to show. */
export function errorView(error: unknown): ErrorView {
  if (error instanceof Failure) return error.view;
  return { name: 'page-error', text: error instanceof Error ? error.message : String(error) };
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Failure): void;
}

export class Client {
  #next = 1;
  #waiting = new Map<number, Waiting>();
  #ended: ErrorView | null = null;

  constructor(
    private readonly port: Port,
    private readonly listener: (event: SessionEvent) => void,
  ) {
    port.onmessage = ({ data }: MessageEvent) => this.#receive(data as Reply | SessionEvent);
    port.onerror = (event) => this.#crash(event.message || 'the session worker ended');
  }

  /** Asks, and resolves with the answer or rejects with a {@link Failure}. */
  request<O extends Op>(op: O, ...[body]: Arguments<O>): Promise<Answers[O]> {
    if (this.#ended !== null) return Promise.reject(new Failure(this.#ended));
    const id = this.#next++;
    return new Promise<Answers[O]>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.port.postMessage({ id, op, ...body });
    });
  }

  /** Ends the worker, its scan workers, and all their memory. */
  close(): void {
    this.#end({ name: 'closed', text: 'closed' });
  }

  #receive(message: Reply | SessionEvent): void {
    if ('id' in message) {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.ok) waiting?.resolve(message.value);
      else waiting?.reject(new Failure(message.error));
    } else if (message.event === 'crashed') {
      this.#crash(message.message);
    } else {
      this.listener(message);
    }
  }

  #crash(message: string): void {
    if (this.#ended !== null) return;
    this.#end({ name: 'worker-crashed', text: message });
    this.listener({ event: 'crashed', message });
  }

  #end(view: ErrorView): void {
    if (this.#ended !== null) return;
    this.#ended = view;
    this.port.onmessage = null;
    this.port.onerror = null;
    this.port.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Failure(view));
    this.#waiting.clear();
  }
}
