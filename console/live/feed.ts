import type { StatusChange } from '../http/answers';
import { Problem } from '../http/problem';
import { serverNow } from '../time/clock';
import { streamReader, type StreamEvent } from './event-stream';
import { lineWatch, untilSeen, type Tab } from './line-watch';

/** `lost`: not live, since when and why; it is tried again by itself. */
export type FeedState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly since: number; readonly why: string };

export type FeedHandlers = {
  readonly onChange: (change: StatusChange) => void;
  /** It tells what comes after this position: what was read before may lack what came since. */
  readonly onBegin: (position: bigint) => void;
  /** What was missed is no longer known: everything has to be read again. */
  readonly onReset: () => void;
  /** By how many ms the read model is behind the log. */
  readonly onLag: (ms: number) => void;
  readonly onState: (state: FeedState) => void;
};

type Asked = {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

export type FeedSurroundings = {
  /** @throws Problem */
  readonly ask: (path: string, asked: Asked) => Promise<Response>;
  readonly tab: Tab;
  /** By chance, from 0 to less than 1. */
  readonly draw: () => number;
};

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });

/** Follows the changes of one's jobs until the signal aborts. */
export const followFeed = async (
  { onChange, onBegin, onReset, onLag, onState }: FeedHandlers,
  { ask, tab, draw }: FeedSurroundings,
  signal: AbortSignal,
): Promise<void> => {
  let lastEventId: string | undefined;
  let lostSince: number | undefined;
  let failures = 0;
  let hasMissed = false;

  const tell = ({ event, data }: StreamEvent): void => {
    if (event === 'comment' && data.startsWith('lag ')) onLag(Number(data.slice(4)));
    else if (event === 'reset') onReset();
    else if (event === 'status') onChange(JSON.parse(data) as StatusChange); // as the API describes it
  };

  /** @returns why the line ended */
  const listen = async (): Promise<string> => {
    const watch = lineWatch(tab, signal);
    try {
      const response = await ask('v1/live?changes=latest', {
        method: 'GET',
        signal: watch.signal,
        headers: {
          Accept: 'text/event-stream',
          ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }),
        },
      });
      const reader = streamReader(lastEventId);
      const body = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      if (!body) return 'this browser gives no stream';
      onState({ kind: 'live' });
      lostSince = undefined;
      failures = 0;
      // read once the line is open, so that nothing falls between the two
      let isToBegin = !hasMissed && lastEventId === undefined;
      if (hasMissed) onReset();
      hasMissed = false;
      for (;;) {
        const { done, value } = await body.read();
        if (done) return 'the server ended the connection';
        watch.heard();
        reader.take(value).forEach(tell);
        lastEventId = reader.lastEventId();
        if (!isToBegin || lastEventId === undefined) continue;
        onBegin(BigInt(lastEventId));
        isToBegin = false;
      }
    } catch (error) {
      if (watch.signal.aborted) return String(watch.signal.reason);
      return error instanceof Problem ? error.message : 'the connection broke';
    } finally {
      watch.end();
    }
  };

  onState({ kind: 'connecting' });
  while (!signal.aborted) {
    const why = await listen();
    if (signal.aborted) return;
    if (why === 'hidden') {
      await untilSeen(tab, signal);
      // what a page missed while nobody looked is read at once, not change by change
      lastEventId = undefined;
      hasMissed = true;
      onState({ kind: 'connecting' });
      continue;
    }
    lostSince ??= serverNow();
    onState({
      kind: 'lost',
      since: lostSince,
      why: why === 'silent' ? 'the server says nothing' : why,
    });
    const longest = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
    failures += 1;
    await pause(longest / 2 + (draw() * longest) / 2, signal);
  }
};
