/** Everything that can be thrown in the engine, as one kind of error with something to show. */
import { Failure } from '../client.ts';
import type { ErrorView } from '../protocol.ts';

function isView(error: unknown): error is ErrorView {
  return typeof error === 'object' && error !== null && 'name' in error && 'text' in error && typeof error.text === 'string';
}

/** A trap: the core cannot go on, because what it holds may be half changed. */
export function isCrash(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError;
}

/** What was thrown, as a {@link Failure}. The core throws plain views; a browser throws whatever it likes. */
export function failure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isView(error)) return new Failure(error);
  const text = error instanceof Error ? error.message : String(error);
  return new Failure({ name: isCrash(error) ? 'worker-crashed' : 'page-error', text });
}

/** A failure of the engine's own, by its stable name. */
export function fail(name: string, text: string, facts: Pick<ErrorView, 'at' | 'expected' | 'found'> = {}): Failure {
  return new Failure({ name, text, ...facts });
}
