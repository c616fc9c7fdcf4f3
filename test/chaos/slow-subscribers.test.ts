import { END, EventStoreDBClient, streamNameFilter } from '@eventstore/db-client';
import { toTimestamp } from '../../domain/time';
import { closeEventStore } from '../../infra/eventstore/client';
import { allJobs, asFolded } from '../support/all-jobs';
import { startCluster, type Cluster } from '../support/cluster';
import { httpUser, type HttpUser } from '../support/http';
import { openLive } from '../support/live-stream';
import { breachesOf, foldAll, readJobStreams } from '../support/log-checker';
import { apiKeyOf } from '../support/running-stack';
import { until } from '../support/until';

// an event store as strict as a real one: who is slow while live is dropped, as every burst of work makes them

const BATCHES = 6;
const BATCH_JOBS = 100;
const UNFINISHED = '/v1/jobs?status=scheduled,queued,running&limit=1';

let cluster: Cluster;
let ada: HttpUser;

beforeAll(async () => {
  cluster = await startCluster({
    // those that subscribe are programs of their own, the others one
    workers: ['projector', 'archivist', 'dispatcher', 'web'],
    isStrict: true,
    env: { ARCHIVE_EVERY_MS: '500' },
    envOf: { dispatcher: { PROCESSES: 'dispatcher,rescuer,executor-gateway,executor' } },
  });
  ada = httpUser(cluster.httpUrl, apiKeyOf('ada'));
});
afterAll(async () => {
  await cluster.stop();
});

/** Subscribes as the projector does, and again whenever it is dropped. */
const watchDrops = () => {
  const client = EventStoreDBClient.connectionString(cluster.eventstoreUrl);
  let [drops, isOver] = [0, false];
  const follow = (): void => {
    if (isOver) return;
    const subscription = client.subscribeToAll({
      fromPosition: END,
      filter: streamNameFilter({ prefixes: ['job-'] }),
    });
    subscription.on('data', () => undefined);
    subscription.once('error', (error: unknown) => {
      if ((error as { readonly code?: unknown }).code === 10) drops += 1;
      follow();
    });
  };
  follow();
  return {
    drops: () => drops,
    close: async (): Promise<void> => {
      isOver = true;
      await closeEventStore(client);
    },
  };
};

test('bursts drop who is live; projection and live feed go on from where they were, without gap or repeat', async () => {
  const watched = watchDrops();
  const live = await openLive(cluster.httpUrl, apiKeyOf('ada'));
  await until(() => live.lastEventId() !== '');
  for (let round = 0; round < BATCHES; round += 1) {
    const jobs = Array.from({ length: BATCH_JOBS }, (_, index) => ({
      name: `job ${index}`,
      dueAt: toTimestamp(Date.now() + 2_000),
      location: 'print:',
    }));
    const answers = await Promise.all([1, 2].map(() => ada.post('/v1/jobs/batch', { jobs })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  }
  const count = 2 * BATCHES * BATCH_JOBS;
  await until(
    async () => {
      // one row while they work: a look at all of them takes the cores from what is looked at
      const { items = [] } = (await ada.get(UNFINISHED)).body;
      if (items.length > 0) return false;
      const ended = [...(await allJobs(ada)).values()];
      return ended.filter(({ status }) => status === 'succeeded').length === count;
    },
    { timeoutMs: 240_000, what: 'all jobs have succeeded' },
  );
  expect(watched.drops()).toBeGreaterThan(0);
  await watched.close();

  const streams = await readJobStreams(cluster.eventstoreUrl);
  expect([...streams].flatMap(([jobId, events]) => breachesOf(jobId, events))).toEqual([]);
  expect(asFolded(await allJobs(ada))).toEqual(foldAll(streams));

  const succeeded = () => live.events().filter(({ data }) => data.status === 'succeeded');
  await until(() => succeeded().length >= count, {
    what: 'the live feed has told of all',
  });
  const told = live.events().map(({ data }) => `${data.jobId}/${data.revision}/${data.status}`);
  expect(new Set(told).size).toBe(told.length);
  await live.close();
}, 360_000);
