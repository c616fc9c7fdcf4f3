import { systemTimers } from '../../../../processes/runtime/timers';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../../../../domain/event-log';
import { jobStream } from '../../../../domain/ids';
import type { JobEvent } from '../../../../domain/job/events';
import { toTimestamp } from '../../../../domain/time';
import { memoryEventLog } from '../../../../infra/memory/event-log';
import { listenTo, type Listener } from '../../../../infra/postgres/listen';
import { projector } from '../../../../processes/projecting/projector';
import { freshness } from '../../../../projections/queries/freshness';
import { readModel } from '../../../../projections/projections';
import { recorded, testJobId } from '../../../support/job-histories';
import { scheduled } from '../../../support/jobs';
import { silentLogger, silentProjectorMetrics } from '../../../support/processes';
import { createReadModel, type TestReadModel } from '../../../support/read-model';

let model: TestReadModel;
let notices: Listener;

beforeAll(async () => {
  model = await createReadModel();
  notices = listenTo({ url: model.url, applicationName: 'test-listen', channel: 'projected' });
});
afterAll(async () => {
  await notices.stop();
  await model.dispose();
});

const PARKED = 10_000;
const unknown = { type: 'JobPaused', data: {} } as unknown as JobEvent; // as a newer build would write it

const parkAll = async (): Promise<void> => {
  await model.db.raw(
    `insert into parked_streams (projection, stream, revision, position, error, parked_at)
     select 'jobs', stream, 0, 1, 'unknown', now() from unnest(?::text[]) as p(stream)`,
    [Array.from({ length: PARKED }, (_, n) => jobStream(testJobId(n)))],
  );
};

const append = async (log: EventLog, n: number): Promise<bigint> => {
  const answer = await log.append(
    jobStream(testJobId(n)),
    [
      {
        id: randomUUID(),
        ...scheduled(),
        metadata: {
          $correlationId: 'c',
          $causationId: 'c',
          commandId: 'c',
          actor: { kind: 'user', id: 'ada' },
          at: toTimestamp(Date.now()),
          schemaVersion: 1,
        },
      },
    ],
    'no-stream',
  );
  if (answer.outcome === 'conflict') throw new Error('the test appends each job once');
  return answer.position;
};

test('ten thousand parked streams are tried again and again, and the jobs that are alive do not notice', async () => {
  await parkAll();
  const { log, feed, eventAt } = memoryEventLog();
  let reads = 0;
  const read: EventLog['read'] = async (stream) => {
    reads += 1;
    await sleep(1); // a server is a millisecond away
    return [recorded(stream.slice(4), 0n, 1n, unknown)];
  };
  const controller = new AbortController();
  const running = projector({
    projection: readModel,
    feed,
    eventLog: { read },
    eventAt,
    openSession: model.openSession,
    clock: { now: () => Date.now() },
    draw: () => 0.5,
    logger: silentLogger,
    metrics: silentProjectorMetrics,
    settings: { parkedEveryMs: 100, parkedRestMs: 0, standbyPollMs: 20, upkeepEveryMs: 100 },
  }).run(controller.signal);
  const fresh = freshness(model.db, notices.subscribe, systemTimers.after);
  const latenesses: number[] = [];
  for (let n = PARKED; reads < 2 * PARKED; n++) {
    const startMs = performance.now();
    const position = await append(log, n);
    expect(await fresh.waitFor(position, 60_000)).toBe(true);
    latenesses.push(performance.now() - startMs);
    await sleep(20);
  }
  controller.abort();
  await running;
  expect(await fresh.parkedStreams()).toBe(PARKED);
  // read inside the projector's turn, a round kept it for more than ten seconds
  expect(Math.max(...latenesses)).toBeLessThan(5_000);
});
