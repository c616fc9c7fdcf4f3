import { EventLogUnavailable } from '../../../../domain/event-log';
import { noShares, type Shares } from '../../../../domain/shares/shares';
import type { HeldBackRow } from '../../../../infra/postgres/held-back';
import type { ShardLease } from '../../../../infra/postgres/shard-leases';
import {
  dispatcher,
  type DispatcherDeps,
  type HintHandlers,
} from '../../../../processes/dispatching/dispatcher';
import { limitsIn } from '../../../../processes/dispatching/shares/share-limits';
import type { DueRow } from '../../../../projections/queries/dispatching/due-jobs';
import { dueRow } from '../../../support/due-rows';
import { fixedLimits } from '../../../support/limits';
import { metricsRecorder, silentLogger } from '../../../support/processes';
import { until } from '../../../support/until';

const HOUR_MS = 3_600_000;
const nobody = Array.from({ length: 256 }, (_, shard): ShardLease => ({
  shard,
  holder: null,
  isLive: false,
}));

type Given = {
  readonly rows?: readonly DueRow[];
  readonly shares?: Shares;
  readonly settings?: DispatcherDeps['settings'];
  readonly changes?: Partial<DispatcherDeps>;
};

/** A dispatcher beside servers in memory: what it does is written down in order. */
const start = ({ rows = [], shares = noShares, settings = {}, changes = {} }: Given) => {
  const table: DueRow[] = [...rows];
  const done: string[] = [];
  const told: (readonly HeldBackRow[])[] = [];
  const dispatchedAt: number[] = [];
  let handlers: HintHandlers | undefined;
  let broker: () => Promise<void> = () => Promise.resolve();
  const controller = new AbortController();
  const running = dispatcher({
    holder: 'me',
    commands: {
      dispatch: ({ jobId }) => {
        done.push(`dispatch ${Number.parseInt(jobId.slice(-4), 16)}`);
        dispatchedAt.push(Date.now());
        return Promise.resolve({
          ...{ outcome: 'dispatched', revision: 1n, position: 9n, ticket: 'a ticket' },
        } as const);
      },
      failDelivery: () => Promise.resolve('done'),
    },
    dueJobs: {
      databaseNow: () => Promise.resolve(Date.now()),
      find: ({ spans, shards, limit, positionFrom = -1n }) =>
        Promise.resolve(
          spans.flatMap(({ lane, after, dueUpTo }) =>
            table
              .filter((row) => row.lane === lane && row.position >= positionFrom)
              .filter(({ shard }) => shards.some(({ from, to }) => shard >= from && shard <= to))
              .filter(({ dueAt }) => dueAt <= dueUpTo && dueAt > (after?.dueAt ?? -1))
              .slice(0, limit),
          ),
        ),
      glance: () => Promise.resolve([]),
      findThese: () => Promise.resolve([]),
      findOthers: () => Promise.resolve({ rows: [] }),
    },
    leases: {
      read: () => Promise.resolve(nobody),
      hold: (wanted) => Promise.resolve(wanted.map(({ shard }) => shard)),
      release: (holder) => {
        done.push(`release ${holder}`);
        return Promise.resolve();
      },
    },
    messages: {
      publish: async (_queue, jobId) => {
        await broker();
        done.push(`publish ${Number.parseInt(jobId.slice(-4), 16)}`);
      },
      hopelessness: () => undefined,
      isForWantOfRoom: () => false,
    },
    depths: {
      depthOf: () => Promise.resolve({ waiting: 0, delivered: 1, isServed: true }),
      streamUse: () => Promise.resolve({ usedBytes: 0, maxBytes: 1_000_000 }),
    },
    limits: fixedLimits(limitsIn(shares, {})),
    countUnstarted: (flows) => Promise.resolve({ position: 0n, jobs: flows.map(() => 0) }),
    countLive: () => Promise.resolve({ position: 0n, jobs: [] }),
    heldBack: {
      tell: (held) => {
        told.push(held);
        return Promise.resolve(held.length > 0);
      },
    },
    budgets: { tell: () => Promise.resolve() },
    listenForHints: (given) => {
      handlers = given;
      done.push('listen');
      return Promise.resolve(() => {
        done.push('stop listening');
        return Promise.resolve();
      });
    },
    clock: { now: Date.now },
    draw: () => 0,
    logger: silentLogger,
    metrics: metricsRecorder().dispatcher,
    ...changes,
    settings: { sweepEveryMs: HOUR_MS, leaseEveryMs: 50, ...settings },
  }).run(controller.signal);
  return {
    ...{ done, told, dispatchedAt, table },
    handlers: () => handlers,
    setBroker: (publish: () => Promise<void>) => {
      broker = publish;
    },
    stop: async () => {
      controller.abort();
      await running;
    },
  };
};

/** A broker that keeps every message until it is let go on. */
const holding = () => {
  const waiting: (() => void)[] = [];
  return {
    publish: () => new Promise<void>((resolve) => waiting.push(resolve)),
    waiting: () => waiting.length,
    letOne: () => waiting.shift()?.(),
    letAll: () => {
      for (const go of waiting.splice(0)) go();
    },
  };
};
const due = (...numbers: readonly number[]) =>
  numbers.map((n) => dueRow(n, { dueAt: Date.now() - 1_000 }));
const only = (done: readonly string[], what: string) => done.filter((one) => one.startsWith(what));

test('a due job goes into the log and then to the broker, and a stop gives the shards away last', async () => {
  const { done, stop } = start({ rows: due(1) });
  await until(() => done.includes('publish 1'));
  await stop();
  expect(done).toEqual(['listen', 'dispatch 1', 'publish 1', 'stop listening', 'release me']);
});

test('a job is not dispatched before it is due, though its row is there', async () => {
  const dueAt = Date.now() + 150;
  const { done, dispatchedAt, stop } = start({ rows: [dueRow(1, { dueAt })] });
  await until(() => done.includes('publish 1'));
  await stop();
  expect(dispatchedAt[0]).toBeGreaterThanOrEqual(dueAt);
});

test('no more are under way at once than may be, and each that ends makes room for the next', async () => {
  const broker = holding();
  const { done, setBroker, stop } = start({
    rows: due(1, 2, 3, 4, 5),
    settings: { maxInFlight: 2 },
  });
  setBroker(broker.publish);
  await until(() => broker.waiting() === 2);
  expect(only(done, 'dispatch')).toHaveLength(2);
  broker.letOne();
  await until(() => broker.waiting() === 2);
  expect(only(done, 'dispatch')).toHaveLength(3);
  const stopped = stop();
  broker.letAll();
  await stopped;
  expect(only(done, 'publish')).toHaveLength(3);
});

test('a stop begins nothing new, and waits for the messages of what the log has', async () => {
  const broker = holding();
  const { done, setBroker, stop } = start({ rows: due(1, 2), settings: { maxInFlight: 1 } });
  setBroker(broker.publish);
  await until(() => broker.waiting() === 1);
  const stopped = stop();
  await until(() => done.includes('stop listening'));
  expect(done).not.toContain('release me');
  broker.letAll();
  await stopped;
  expect(only(done, 'dispatch')).toHaveLength(1);
  expect(done.slice(-3)).toEqual(['stop listening', 'publish 1', 'release me']);
});

test('a stop waits for a broker that is away no longer than it may: the rescuer sends the message', async () => {
  const { done, setBroker, stop } = start({ rows: due(1), settings: { drainMs: 20 } });
  setBroker(() => Promise.reject(new Error('away')));
  await until(() => done.includes('dispatch 1'));
  await stop();
  expect(only(done, 'publish')).toEqual([]);
  expect(done.at(-1)).toBe('release me');
});

test('a log that is away is tried again, but not by a dispatcher that is to stop', async () => {
  let tries = 0;
  const { done, stop } = start({
    rows: due(1),
    changes: {
      commands: {
        dispatch: () => {
          tries += 1;
          return Promise.reject(new EventLogUnavailable('away'));
        },
        failDelivery: () => Promise.resolve('done'),
      },
    },
  });
  await until(() => tries > 1);
  await stop();
  expect(done.at(-1)).toBe('release me');
});

test('a row that a hint tells of is read at once, long before the next look', async () => {
  const { done, table, handlers, stop } = start({
    rows: due(1),
    settings: { prefetchEveryMs: HOUR_MS },
  });
  await until(() => done.includes('publish 1'));
  const dueAt = Date.now() - 500;
  table.push(dueRow(2, { dueAt, position: 7n }));
  handlers()?.onHint({ position: 7n, dueAt });
  await until(() => done.includes('publish 2'));
  await stop();
});

test('without the limits nothing is dispatched, and a dispatcher that is stopped meanwhile ends', async () => {
  const limits = fixedLimits(limitsIn(noShares, {}));
  const { done, stop } = start({
    rows: due(1),
    changes: {
      limits: {
        ...limits,
        readFirst: (signal) =>
          new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
      },
    },
  });
  await stop();
  expect(done).toEqual([]);
});

test('shards that cannot be given away are left to expire, which is told and no failure', async () => {
  const warned: string[] = [];
  const { done, stop } = start({
    rows: due(1),
    changes: {
      leases: {
        read: () => Promise.resolve(nobody),
        hold: (wanted) => Promise.resolve(wanted.map(({ shard }) => shard)),
        release: () => Promise.reject(new Error('away')),
      },
      logger: { ...silentLogger, warn: (_facts: object, message: string) => warned.push(message) },
    },
  });
  await until(() => done.includes('publish 1'));
  await stop();
  expect(warned).toEqual(['dispatch shards not released; they expire by themselves']);
});

test('what is due and waits for its turn is told with the reason, and told once that nothing waits any more', async () => {
  const held: [string, number][] = [];
  const { told, table, stop } = start({
    rows: due(1, 2),
    shares: { queues: { default: { maxRunning: 1 } }, owners: {} },
    changes: {
      metrics: {
        ...metricsRecorder().dispatcher,
        heldBack: (reason, count) => held.push([reason, count]),
      },
      countLive: () =>
        Promise.resolve({
          position: 99n,
          jobs: [{ queue: 'default', ownerId: 'ada', jobs: table.length > 0 ? 1 : 0 }],
        }),
    },
  });
  await until(() => told.length > 0);
  expect(told[0]).toMatchObject([{ queue: 'default', reason: 'queue-running' }]);
  table.length = 0;
  await until(() => told.some((rows) => rows.length === 0));
  expect(held.at(-1)).toEqual(['queue-running', 0]);
  await stop();
});
