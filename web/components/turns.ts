/**
 * Whose turn it is to draw. A change of the model makes many components draw at once, which together may hold the page
 * up; so when a task has drawn for long enough, each component that is left gets a task of its own.
 */

/** Half a frame: what else the browser does for one needs the rest. */
const BUDGET_MS = 8;

/** When drawing in the present task began; null before that. */
let since: number | null = null;
const waiting: (() => void)[] = [];
const { port1: next, port2: ask } = new MessageChannel();

// A message is a task that no timer delays.
next.onmessage = (): void => {
  const draw = waiting.shift();
  since = draw === undefined ? null : performance.now();
  if (draw === undefined) return;
  draw();
  ask.postMessage(null);
};

/** Draws now, or when its turn comes. To be called from Lit's `scheduleUpdate`. */
export function inTurn(draw: () => void | Promise<unknown>): void | Promise<unknown> {
  if (since === null) {
    since = performance.now();
    ask.postMessage(null);
  } else if (waiting.length > 0 || performance.now() - since > BUDGET_MS) {
    return new Promise<void>((resolve) => waiting.push(resolve)).then(draw);
  }
  return draw();
}
