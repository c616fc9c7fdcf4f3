/** Where the page is shown. */
export type Tab = {
  readonly isHidden: () => boolean;
  /** Tells when it is hidden or seen again, until what it gives is called. */
  readonly onChange: (listener: () => void) => () => void;
};

/** The server beats every 15 s: two beats late is a dead line, whatever the sockets say. */
const SILENT_MS = 40_000;
/** A hidden page that nobody looks at holds no connection. */
const HIDDEN_MS = 60_000;

export const untilSeen = (tab: Tab, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (tab.isHidden() && !signal.aborted) return;
      stop();
      resolve();
    };
    const stop = tab.onChange(look);
    signal.addEventListener('abort', look, { once: true });
    look();
  });

/** Aborts when the line is silent for too long, or the page hidden. */
export const lineWatch = (tab: Tab, outer: AbortSignal) => {
  const line = new AbortController();
  let silence: ReturnType<typeof setTimeout> | undefined;
  let hidden: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => line.abort('silent'), SILENT_MS);
  };
  const looked = (): void => {
    clearTimeout(hidden);
    if (tab.isHidden()) hidden = setTimeout(() => line.abort('hidden'), HIDDEN_MS);
  };
  const stop = (): void => line.abort('stopped');
  const lookAway = tab.onChange(looked);
  outer.addEventListener('abort', stop, { once: true });
  looked();
  heard();
  return {
    signal: line.signal,
    heard,
    end: (): void => {
      clearTimeout(silence);
      clearTimeout(hidden);
      lookAway();
      outer.removeEventListener('abort', stop);
    },
  };
};
