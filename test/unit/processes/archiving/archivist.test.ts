import { EventLogUnavailable } from '../../../../domain/event-log';
import { memoryScan } from '../../../../infra/memory/log-scan';
import { archivist } from '../../../../processes/archiving/archivist';
import type { LogConsumer } from '../../../../processes/archiving/consumer';
import { jobSnapshots } from '../../../../processes/archiving/job-snapshots';
import { BlockTaken, type SnapshotStore } from '../../../../projections/snapshots/job-snapshots';
import type { LogScan } from '../../../../projections/reading/log-scan';
import { silentLogger } from '../../../support/processes';
import { until } from '../../../support/until';

const nothing = (): void => undefined;
const silent = { events: nothing, roundMs: nothing, lagMs: nothing, fault: nothing };

test('the lag is told while a round lasts, or one that is starved would look like one that is done', async () => {
  const stopping = new AbortController();
  const lags: number[] = [];
  const ended = archivist({
    scan: async function* neverEnds(_range, signal) {
      yield await new Promise<never>((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new Error('stopped'));
        });
      });
    },
    consumers: [
      {
        name: 'any',
        position: () => Promise.resolve('start'),
        take: () => Promise.resolve(),
        serverAt: () => undefined,
      },
    ],
    draw: () => 0,
    logger: silentLogger,
    metrics: { ...silent, lagMs: (ageMs) => lags.push(ageMs) },
    everyMs: 10,
  }).run(stopping.signal);
  await until(() => Promise.resolve(lags.length >= 2));
  const [first, second] = lags;
  expect(second).toBeGreaterThan(first ?? Infinity);
  stopping.abort();
  await ended;
});

describe('what the archivist waits for is told by its signs, as of any other process', () => {
  const tables = new Error('no space left on device');
  const silence = new EventLogUnavailable('the log cannot be looked at');
  const race = new BlockTaken('another writer has gone on');

  const told = async (consumer: Partial<LogConsumer>, scan: LogScan = memoryScan([])) => {
    const stopping = new AbortController();
    const signs = new Set<string>();
    const { serverAt } = jobSnapshots({
      store: {} as SnapshotStore, // errors are judged without it
      eventAt: () => Promise.resolve(undefined),
      clock: { now: () => 0 },
    });
    const idle: LogConsumer = {
      name: 'snapshots',
      position: () => Promise.resolve('start'),
      take: () => Promise.resolve(),
      serverAt,
    };
    const ended = archivist({
      scan,
      consumers: [{ ...idle, ...consumer }],
      draw: () => 0,
      logger: silentLogger,
      metrics: silent,
      vitals: {
        moved: () => signs.add('moved'),
        standsBy: () => undefined,
        failed: (server, error) => signs.add(`${server}: ${(error as Error).message}`),
        worked: (server) => signs.add(`${server} works`),
      },
      everyMs: 10,
    }).run(stopping.signal);
    await until(() => signs.size >= 2);
    stopping.abort();
    await ended;
    return [...signs];
  };

  test.each([
    [tables, ['event-store works', `read-model: ${tables.message}`]],
    [silence, [`event-store: ${silence.message}`, 'read-model works']],
    [race, ['event-store works', 'read-model works']],
  ])('%s', async (error, signs) => {
    expect(await told({ position: () => Promise.reject(error) })).toEqual(signs);
  });

  test('a log that cannot be read', async () => {
    const scan: LogScan = () => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(silence) }),
    });
    expect(await told({}, scan)).toEqual([`event-store: ${silence.message}`, 'read-model works']);
  });

  test('a round without a fault', async () => {
    expect(await told({})).toEqual(['event-store works', 'read-model works', 'moved']);
  });
});
