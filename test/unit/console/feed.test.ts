import { unreachable } from '../../../console/http/problem';
import { followFeed, type FeedSurroundings } from '../../../console/live/feed';

// how the live line is kept: when it is given up, when it is tried again, and from where it goes on

const MINUTE_MS = 60_000;

type Line = {
  readonly lastEventId: string | undefined;
  readonly isClosed: () => boolean;
  readonly say: (text: string) => void;
  /** The server ends it. */
  readonly end: () => void;
};

type Asked = Parameters<FeedSurroundings['ask']>[1];

/** A line as fetch gives it: it breaks with the reason of the signal. */
const lineOf = ({ headers, signal }: Asked): { line: Line; response: Response } => {
  const encoder = new TextEncoder();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  signal.addEventListener('abort', () => void writer.abort(signal.reason).catch(() => undefined));
  return {
    response: new Response(readable),
    line: {
      lastEventId: headers['Last-Event-ID'],
      isClosed: () => signal.aborted,
      say: (text) => void writer.write(encoder.encode(text)),
      end: () => void writer.close(),
    },
  };
};

const passed = (ms: number) => jest.advanceTimersByTimeAsync(ms);

/** A page that follows the feed, and all that it was told. */
const followed = async ({ draw = 0 } = {}) => {
  const lines: Line[] = [];
  const told: string[] = [];
  const lookers = new Set<() => void>();
  const stopping = new AbortController();
  let isHidden = false;
  let isAway = false;
  let tries = 0;
  const ended = followFeed(
    {
      onChange: ({ jobId }) => told.push(`change of ${jobId}`),
      onBegin: (position) => told.push(`begins at ${String(position)}`),
      onReset: () => told.push('read all again'),
      onLag: (ms) => told.push(`${ms} ms behind`),
      onState: (state) => told.push(state.kind === 'lost' ? `lost: ${state.why}` : state.kind),
    },
    {
      ask: (_path, asked) => {
        tries += 1;
        if (isAway) return Promise.reject(unreachable());
        const { line, response } = lineOf(asked);
        lines.push(line);
        return Promise.resolve(response);
      },
      tab: {
        isHidden: () => isHidden,
        onChange: (listener) => {
          lookers.add(listener);
          return () => lookers.delete(listener);
        },
      },
      draw: () => draw,
    },
    stopping.signal,
  );
  await passed(0);
  const line = (): Line => {
    const newest = lines.at(-1);
    if (!newest) throw new Error('there is no line');
    return newest;
  };
  return {
    line,
    told,
    tries: () => tries,
    say: async (text: string): Promise<void> => {
      line().say(text);
      await passed(0);
    },
    hide: async (hidden: boolean): Promise<void> => {
      isHidden = hidden;
      for (const look of lookers) look();
      await passed(0);
    },
    away: (away: boolean): void => void (isAway = away),
    stop: async (): Promise<void> => {
      stopping.abort();
      await passed(0);
      await ended;
      expect(jest.getTimerCount()).toBe(0);
      expect(lookers.size).toBe(0);
    },
  };
};

const change = (id: number): string => `id: ${id}\nevent: status\ndata: {"jobId":"j${id}"}\n\n`;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('a page that is hidden for a minute holds no line and asks for none until it is seen; then all is read again, for what it missed is not told', async () => {
  const page = await followed();
  await page.say(change(7));
  await page.hide(true);
  for (let beat = 1; beat < 4; beat += 1) {
    await passed(15_000);
    await page.say(': lag 5\n\n');
  }
  await passed(14_999);
  expect(page.line().isClosed()).toBe(false);
  await passed(1);
  expect(page.line().isClosed()).toBe(true);
  await passed(60 * MINUTE_MS);
  expect(page.tries()).toBe(1);
  page.told.length = 0;
  await page.hide(false);
  expect(page.tries()).toBe(2);
  expect(page.line().lastEventId).toBeUndefined();
  expect(page.told).toEqual(['connecting', 'live', 'read all again']);
  await page.say(change(9));
  expect(page.told.slice(3)).toEqual(['change of j9']); // all was read: nothing begins here
  await page.stop();
});

test('a page that is seen again within the minute keeps its line, and the minute begins anew when it is hidden again', async () => {
  const page = await followed();
  for (let time = 0; time < 3; time += 1) {
    await page.hide(true);
    await passed(30_000);
    await page.say(': lag 5\n\n');
    await page.hide(false);
  }
  expect(page.line().isClosed()).toBe(false);
  expect(page.tries()).toBe(1);
  await page.stop();
});

test('all is read again also when the server was away as the page was seen again: what was missed is not forgotten by a failed try', async () => {
  const page = await followed();
  await page.hide(true);
  await passed(30_000);
  await page.say(': lag 5\n\n');
  await passed(30_000);
  page.away(true);
  await page.hide(false);
  page.away(false);
  page.told.length = 0;
  await passed(500);
  expect(page.told).toEqual(['live', 'read all again']);
  await page.stop();
});

test('a line that says nothing for 40 s is given up, whatever the sockets say; each beat begins the 40 s anew', async () => {
  const page = await followed();
  await passed(39_999);
  await page.say(': lag 5\n\n');
  await passed(39_999);
  expect(page.line().isClosed()).toBe(false);
  await passed(1);
  expect(page.line().isClosed()).toBe(true);
  expect(page.told).toEqual(['connecting', 'live', '5 ms behind', 'lost: the server says nothing']);
  await page.stop();
});

test('a line that broke goes on after the last change that came whole, and nothing is read again', async () => {
  const page = await followed();
  await page.say(change(7) + change(8) + 'id: 9\nevent: sta');
  expect(page.line().lastEventId).toBeUndefined();
  page.line().end();
  await passed(500);
  expect(page.line().lastEventId).toBe('8');
  await page.say(change(9));
  expect(page.told).toEqual([
    ...['connecting', 'live', 'change of j7', 'change of j8', 'begins at 8'],
    ...['lost: the server ended the connection', 'live', 'change of j9'],
  ]);
  await page.stop();
});

test('what the server no longer knows is read again when it says so', async () => {
  const page = await followed();
  await page.say('id: 9\nevent: reset\ndata: {}\n\n');
  expect(page.told).toContain('read all again');
  await page.stop();
});

/** The waits before each try while the server is away, in ms. */
const waits = async (draw: number): Promise<readonly number[]> => {
  const page = await followed({ draw });
  page.away(true);
  page.line().end();
  await passed(0);
  const waited: number[] = [];
  for (let time = 0; time < 7; time += 1) {
    const [before, since] = [page.tries(), Date.now()];
    await jest.advanceTimersToNextTimerAsync();
    expect(page.tries()).toBe(before + 1);
    waited.push(Date.now() - since);
  }
  page.away(false);
  await passed(15_000);
  expect(page.told.at(-1)).toBe('live');
  const since = Date.now();
  page.line().end();
  await passed(0);
  const before = page.tries();
  while (page.tries() === before) await jest.advanceTimersToNextTimerAsync();
  await page.stop();
  return [...waited, Date.now() - since];
};

test('a server that is away is asked again after waits that double up to 15 s, half of each by chance, so that pages do not all come at once; one that was back is asked soon', async () => {
  expect(await waits(0)).toEqual([250, 500, 1_000, 2_000, 4_000, 7_500, 7_500, 250]);
  expect(await waits(0.5)).toEqual([375, 750, 1_500, 3_000, 6_000, 11_250, 11_250, 375]);
});
