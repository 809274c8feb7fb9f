/** The session worker: holds the core, answers the page's requests, and tells it what changes. */
import * as core from './generated/layerscope_wasm.js';
import { Cache } from './engine/cache.ts';
import { Comparison } from './engine/comparison.ts';
import { fail, failure, isCrash } from './engine/failure.ts';
import { Pool } from './engine/pool.ts';
import { Session } from './engine/session.ts';
import { spawnScan } from './engine/spawn.ts';
import { compile } from './engine/wasm.ts';
import type { Event as SessionEvent, Reply, Request } from './protocol.ts';

/** More processors than this gain little, and each costs memory. */
const MOST_PROCESSORS = 4;

const scope = self as unknown as {
  postMessage(message: Reply | SessionEvent, transfer?: Transferable[]): void;
  close(): void;
  onmessage: ((event: MessageEvent<Request>) => void) | null;
};

let session: Session | null = null;
let comparison: Comparison | null = null;
let crashed = false;

const compiled = compile().then((module) => {
  core.initSync({ module });
  emit({ event: 'ready' });
  return module;
});
// Each request tells what went wrong.
compiled.catch(() => {});

function emit(event: SessionEvent): void {
  if (!crashed) scope.postMessage(event);
}

/** After a trap nothing that the core says can be relied on. */
function crash(error: unknown): void {
  emit({ event: 'crashed', message: failure(error).message });
  crashed = true;
  scope.close();
}

async function answer(request: Request): Promise<unknown> {
  const module = await compiled;
  if (request.op === 'open') {
    comparison?.close();
    session?.close();
    const made = (emit: (event: SessionEvent) => void, after?: Promise<void>): Session => {
      const pool = new Pool(module, spawnScan, core.memory_bytes);
      // One more than there are processors: none is idle while another reads the last layer.
      const hands = Math.min(MOST_PROCESSORS, Math.max(1, navigator.hardwareConcurrency)) + 1;
      return new Session({ core, pool, cache, hands, origin: location.origin, emit, ...(after !== undefined && { after }) });
    };
    const cache = new Cache();
    const opened = made((event) => {
      emit(event);
      besides.hear(event);
    });
    const besides = new Comparison(core, opened, made, emit);
    session = opened;
    comparison = besides;
    await session.begin(request.source, request.options);
    return null;
  }
  if (session === null || comparison === null) throw fail('closed', 'nothing is open');
  if (isOfTwo(request)) return answerOfTwo(comparison, request);
  return answerFrom(session, request);
}

type OfTwo = Extract<Request, { op: 'compare' | 'compared' | 'compare-rows' | 'compare-toggle' | 'compare-locate' | 'compare-content' | 'uncompare' }>;

function isOfTwo(request: Request): request is OfTwo {
  return request.op.startsWith('compare') || request.op === 'uncompare';
}

function answerOfTwo(comparison: Comparison, request: OfTwo): unknown {
  switch (request.op) {
    case 'compare':
      return comparison.begin(request.source, request.options);
    case 'compared':
      return comparison.view(request.ignoreTimes);
    case 'compare-rows':
      return comparison.rows(request.query, request.from, request.count);
    case 'compare-toggle':
      return comparison.toggle(request.query, request.row, request.expand);
    case 'compare-locate':
      return comparison.locate(request.query, request.path);
    case 'compare-content':
      return comparison.content(request.side, request.node, request.from, request.length);
    case 'uncompare':
      return comparison.close();
  }
}

function answerFrom(session: Session, request: Exclude<Request, OfTwo | { op: 'open' }>): unknown {
  switch (request.op) {
    case 'choose':
      return session.choose(request.choice);
    case 'rows':
      return session.rows(request.query, request.from, request.count);
    case 'fold':
      return session.fold(request.query, request.node, request.levels);
    case 'locate':
      return session.locate(request.query, request.path);
    case 'parent':
      return session.parent(request.query, request.node);
    case 'seek':
      return session.seek(request.query, request.text, request.from);
    case 'details':
      return session.details(request.scope, request.node);
    case 'shares':
      return session.shares(request.scope, request.path, request.count);
    case 'content':
      return session.content(request.scope, request.node, request.from, request.length);
    case 'node':
      return session.node(request.scope, request.path);
    case 'elf':
      return session.elf(request.scope, request.node);
    case 'digest':
      return session.digest(request.scope, request.node);
    case 'digest-stop':
      return session.stopDigest();
    case 'waste':
      return session.waste();
    case 'markers':
      return session.markers();
    case 'gate':
      return core.gate(request.rules, request.dive.efficiency, request.dive.wastedBytes, request.dive.userWastedPercent ?? undefined);
    case 'raw':
      return session.raw(request.what);
    case 'attached':
      return session.attached();
    case 'attached-bytes':
      return session.attachedBytes(request.digest);
    case 'tags':
      return session.tags();
    case 'retry':
      return session.retry(request.layer);
    case 'cancel':
      return request.blob === undefined ? session.cancel() : session.cancelLayer(request.blob);
    case 'memory':
      return session.memory();
  }
}

function reply(message: Reply): void {
  if (crashed) return;
  const bytes = message.ok ? (message.value as { bytes?: unknown } | null)?.bytes : undefined;
  // The bytes of a file are handed over, not copied.
  scope.postMessage(message, bytes instanceof ArrayBuffer ? [bytes] : []);
}

scope.onmessage = ({ data: request }): void => {
  answer(request).then(
    (value) => reply({ id: request.id, ok: true, value: value ?? null }),
    (error: unknown) => {
      reply({ id: request.id, ok: false, error: failure(error).view });
      if (isCrash(error)) crash(error);
    },
  );
};
// What nobody waits for: a trap while the core answered its own questions, or a fault of the engine.
self.addEventListener('error', (event) => {
  event.preventDefault();
  crash(event.error ?? event.message);
});
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  crash(event.reason);
});
