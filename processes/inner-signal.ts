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
