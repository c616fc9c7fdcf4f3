import { setMaxListeners } from 'node:events';

/** A controller for many listeners that aborts with the outer signal, or earlier by itself. */
export const innerController = (outer: AbortSignal): AbortController => {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // hundreds of calls under way listen at once
  const abort = (): void => {
    controller.abort(outer.reason);
  };
  if (outer.aborted) abort();
  else outer.addEventListener('abort', abort, { once: true });
  return controller;
};

/**
 * Aborts with the outer signal, or after so long. Not `AbortSignal.any` with `AbortSignal.timeout`: what only the
 * former refers to is collected as garbage in Node 20, and then never aborts.
 */
export const limitedSignal = (outer: AbortSignal, withinMs: number): AbortSignal => {
  const controller = innerController(outer);
  const timer = setTimeout(() => {
    controller.abort(new Error(`not within ${withinMs} ms`));
  }, withinMs);
  timer.unref();
  controller.signal.addEventListener('abort', () => {
    clearTimeout(timer);
  });
  return controller.signal;
};
