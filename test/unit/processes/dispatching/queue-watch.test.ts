import { queueWatch, type QueueWatchSettings } from '../../../../processes/dispatching/queue-watch';
import type {
  QueuedPage,
  UnservedQueue,
  WaitingQueue,
} from '../../../../projections/queries/rescuing/unserved-queues';
import { t } from '../../../support/jobs';
import { until } from '../../../support/until';

const mial: WaitingQueue = { queue: 'mial', since: t(0), jobs: 1_000 };

type World = {
  now: number;
  pages: readonly (readonly WaitingQueue[])[];
  heldBack: readonly WaitingQueue[];
  audibleSince: number | undefined;
  lastBeats: Map<string, number>;
  hindrances: Map<string, string>;
  isAway: boolean;
  isLead: boolean;
  told: readonly UnservedQueue[];
};

/** A watch over a world that a test changes; every look is at its time. */
const bench = (given: Partial<World> = {}, settings: Partial<QueueWatchSettings> = {}) => {
  const world: World = {
    now: t(60),
    pages: [[mial]],
    heldBack: [],
    audibleSince: t(-1_000),
    lastBeats: new Map(),
    hindrances: new Map(),
    isAway: false,
    isLead: true,
    told: [],
    ...given,
  };
  const lines: string[] = [];
  const series: ReadonlyMap<string, number>[] = [];
  let looks = 0;
  const line = (word: string) => (details: object, message: string) => {
    const queue = 'queue' in details ? String(details.queue) : message;
    lines.push(`${word} ${queue}`);
  };
  const watch = queueWatch({
    queues: {
      queued: (after): Promise<QueuedPage> => {
        if (world.isAway) return Promise.reject(new Error('ECONNREFUSED'));
        const page = Number(after) + 1;
        const isLast = page >= world.pages.length - 1;
        return Promise.resolve({
          queues: world.pages[page] ?? [],
          next: isLast ? undefined : BigInt(page),
        });
      },
      heldBack: () => Promise.resolve(world.heldBack),
      beats: () => Promise.resolve(world),
      tell: (queues) => {
        world.told = queues;
        return Promise.resolve();
      },
      told: () => Promise.resolve({ count: world.told.length, longest: world.told }),
    },
    exclusively: async (work) => {
      if (world.isLead) await work();
      return world.isLead;
    },
    draw: () => 0,
    logger: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    metrics: {
      unserved: () => {
        looks += 1;
      },
      unservedJobs: (jobs) => {
        series.push(jobs);
      },
    },
    settings: { everyMs: 1, ...settings },
  });
  /** Two looks from now on have ended: the second began after the world was as it is. */
  const looked = async () => {
    const before = looks;
    await until(() => looks >= before + 2);
  };
  return { watch, world, lines, series, looked };
};

const running = async (
  given: ReturnType<typeof bench>,
  test: (given: ReturnType<typeof bench>) => Promise<void>,
) => {
  const stopping = new AbortController();
  const done = given.watch.run(stopping.signal);
  try {
    await test(given);
  } finally {
    stopping.abort();
    await done;
  }
};

test('a queue whose jobs have waited for a minute without executors is told once when it begins and once when it ends', () =>
  running(bench({ now: t(59) }), async ({ world, lines, looked }) => {
    await looked();
    expect(lines).toEqual([]);
    world.now = t(60);
    await looked();
    await looked();
    expect([lines, world.told]).toEqual([['warn mial'], [mial]]);
    world.pages = [[]];
    await looked();
    await looked();
    expect([lines, world.told]).toEqual([['warn mial', 'info mial'], []]);
  }));

test.each<readonly [string, Partial<World>]>([
  ['an executor beats for it', { lastBeats: new Map([['mial', t(55)]]) }],
  ['beats can be heard for less than a minute', { audibleSince: t(10) }],
  ['beats cannot be heard at all', { audibleSince: undefined }],
  ['nothing waits in it', { pages: [[]] }],
])('no queue is called unserved when %s', (_why, given) =>
  running(bench(given), async ({ lines, looked }) => {
    await looked();
    expect(lines).toEqual([]);
  }),
);

test('an executor that comes ends it, and an outage of the broker does not', () =>
  running(bench(), async ({ world, lines, looked }) => {
    await looked();
    world.audibleSince = undefined;
    await looked();
    world.audibleSince = t(61);
    await looked();
    expect(lines).toEqual(['warn mial']);
    world.lastBeats.set('mial', t(61));
    await looked();
    expect(lines).toEqual(['warn mial', 'info mial']);
  }));

test('jobs that are held back before their dispatch count as waiting', () =>
  running(bench({ pages: [[]], heldBack: [{ ...mial, jobs: 0 }] }), async ({ lines, looked }) => {
    await looked();
    expect(lines).toEqual(['warn mial']);
  }));

test('a queue far behind in a long line of waiting jobs is found too, some pages a look', () => {
  const slow = [{ queue: 'slow', since: t(0), jobs: 20_000 }];
  const given = { lastBeats: new Map([['slow', t(59)]]), pages: [slow, slow, slow, slow, [mial]] };
  return running(bench(given, { pagesPerLook: 2 }), async ({ lines, looked }) => {
    await looked();
    await looked();
    expect(lines).toEqual(['warn mial']);
  });
});

test('names that an owner invents make no endless list: those that wait longest are told', () => {
  const names = Array.from({ length: 500 }, (_, n) => ({
    queue: `q${n}`,
    since: t(n / 100),
    jobs: 1,
  }));
  return running(
    bench({ pages: [names], now: t(100) }, { maxTold: 3 }),
    async ({ lines, looked }) => {
      await looked();
      expect(lines).toEqual(['warn q0', 'warn q1', 'warn q2']);
    },
  );
});

test('who takes over does not tell again what was told already', () =>
  running(bench({ told: [mial] }), async ({ lines, looked }) => {
    await looked();
    expect(lines).toEqual([]);
  }));

test('while another one looks this one tells nothing, not even as a metric', () =>
  running(bench({ isLead: false }), async ({ series, lines, looked }) => {
    await looked();
    expect(lines).toEqual([]);
    expect(series.at(-1)).toEqual(new Map());
  }));

test('a database that is away is waited for, with one line a try', () =>
  running(bench({ isAway: true }), async ({ world, lines, looked }) => {
    await until(() => lines.includes('warn queues cannot be looked at'));
    world.isAway = false;
    await looked();
    expect(lines.at(-1)).toBe('warn mial');
  }));
