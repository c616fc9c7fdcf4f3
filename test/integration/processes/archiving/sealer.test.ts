import { jsonEvent } from '@eventstore/db-client';
import { AppendOutcomeUnknown, type EventLog } from '../../../../domain/event-log';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { eventStoreScan } from '../../../../infra/eventstore/log-scan';
import { eventStoreSeals } from '../../../../infra/eventstore/seals';
import { archivist } from '../../../../processes/archiving/archivist';
import type { LogConsumer } from '../../../../processes/archiving/consumer';
import type { SealerDeps } from '../../../../processes/archiving/sealer';
import { createDatabase, type TestDatabase } from '../../../support/postgres';
import { silentLogger } from '../../../support/processes';
import { openSealedLog, type SealedLog } from '../../../support/sealed-log';
import { until } from '../../../support/until';
import { plainStreams } from '../../../support/names';

let database: TestDatabase;
let log: SealedLog;
beforeEach(async () => {
  database = await createDatabase();
  log = await openSealedLog(database.url);
});
afterEach(async () => {
  await log.close();
  await database.drop();
});

const append = async (events: number, stream = 'job-a'): Promise<void> => {
  for (let n = 0; n < events; n += 100)
    await log.client.appendToStream(
      stream,
      Array.from({ length: Math.min(100, events - n) }, (_, i) =>
        jsonEvent({ type: 'JobScheduled', data: { n: n + i } }),
      ),
    );
};

const counted = () => {
  const counts = { rounds: 0, faults: 0, events: 0 };
  const metrics = {
    events: (events = 1) => {
      counts.events += events;
    },
    roundMs: () => {
      counts.rounds += 1;
    },
    lagMs: () => undefined,
    fault: () => {
      counts.faults += 1;
    },
  };
  return { counts, metrics };
};

const started = (consumers: readonly LogConsumer[], client = log.client) => {
  const controller = new AbortController();
  const { counts, metrics } = counted();
  const process = archivist({
    scan: eventStoreScan(client, plainStreams),
    consumers,
    draw: Math.random,
    logger: silentLogger,
    metrics,
    everyMs: 10,
  });
  const ended = process.run(controller.signal);
  const stop = async (): Promise<void> => {
    controller.abort();
    await ended;
  };
  return { counts, stop };
};

const whole = async (sealedEvents: number): Promise<void> => {
  const { violations, summary } = await log.verify();
  expect(violations).toEqual([]);
  expect(summary).toMatchObject({ sealedEvents, notSealedYet: 0 });
};
const allSealed = (events: number) =>
  until(async () => {
    const { summary } = await log.verify();
    return summary.sealedEvents === events && summary.notSealedYet === 0;
  });

test('the archivist seals what is there and what comes, and seals neither seals nor system events', async () => {
  await append(1_200);
  const { stop, counts } = started([log.sealer()]);
  await allSealed(1_200);
  await log.client.setStreamMetadata('job-a', { maxAge: 10 ** 9 });
  await append(3, 'job-b');
  await allSealed(1_203);
  await stop();
  await whole(1_203);
  expect(counts.faults).toBe(0);
});

test('large events close a block by their bytes, and who checks accepts it', async () => {
  const text = 'x'.repeat(512 * 1024);
  for (let n = 0; n < 40; n++)
    await log.client.appendToStream('job-a', [jsonEvent({ type: 'JobScheduled', data: { text } })]);
  const { stop } = started([log.sealer()]);
  await allSealed(40);
  await stop();
  await whole(40);
  const { seals } = await eventStoreSeals(log.client, plainStreams).all();
  expect(seals.length).toBeGreaterThan(1);
  for (const { seal } of seals) expect(seal?.events).toBeLessThanOrEqual(33); // 16 MiB, and the one that reaches it
});

test('with nothing new no block is made, so that a quiet system writes no seals', async () => {
  await append(5);
  const { stop, counts } = started([log.sealer()]);
  await allSealed(5);
  const before = counts.rounds;
  await until(() => counts.rounds > before + 3);
  await stop();
  expect((await log.verify()).summary.blocks).toBe(1);
});

test('two archivists at once make one chain, whoever wins a block', async () => {
  const other = openEventStore(log.url);
  const othersDeps: Partial<SealerDeps> = {
    seals: eventStoreSeals(other, plainStreams),
    eventLog: eventStoreLog(other, plainStreams),
  };
  const one = started([log.sealer()]);
  const two = started([log.sealer(othersDeps)], other);
  for (let round = 0; round < 20; round += 1) await append(50, `job-${round}`);
  await allSealed(1_000);
  await Promise.all([one.stop(), two.stop()]);
  await closeEventStore(other);
  await whole(1_000);
});

test('a loser of a race does not take the seal of the winner for its own', async () => {
  await append(20);
  const [slow, fast] = [log.sealer(), log.sealer({ clock: { now: () => 1 } })];
  const scan = eventStoreScan(log.client, plainStreams)(
    { after: 'start' },
    new AbortController().signal,
  );
  await Promise.all([slow.position(), fast.position()]);
  for await (const batch of scan) {
    await fast.take(batch);
    const lost = await slow.take(batch).catch((error: unknown) => error);
    expect(lost).toMatchObject({ message: 'block 1 was sealed by another archivist' });
    expect(slow.serverAt(lost)).toBeUndefined(); // nobody waits for a server then
    expect(slow.serverAt(new AppendOutcomeUnknown('no answer'))).toBe('event-store');
  }
  await append(5, 'job-b');
  await log.seal();
  await whole(25);
});

test('an archivist that dies after its append and before it hears of it is followed by one that goes on there', async () => {
  await append(1_500);
  const real = eventStoreLog(log.client, plainStreams);
  const deaf: Pick<EventLog, 'append'> = {
    append: async (...request) => {
      await real.append(...request);
      throw new AppendOutcomeUnknown('killed');
    },
  };
  await expect(log.seal({ eventLog: deaf })).rejects.toThrow('killed');
  await log.seal();
  await whole(1_500);
  expect((await log.verify()).summary.blocks).toBe(2);
});

test('faults are retried from what the log then says, and nothing is sealed twice', async () => {
  await append(300);
  const real = eventStoreLog(log.client, plainStreams);
  let failures = 3;
  const flaky: Pick<EventLog, 'append'> = {
    append: async (...request) => {
      if (failures-- > 0) throw new AppendOutcomeUnknown('no answer');
      return await real.append(...request);
    },
  };
  const { stop, counts } = started([log.sealer({ eventLog: flaky })]);
  await allSealed(300);
  await stop();
  expect(counts.faults).toBe(3);
  await whole(300);
});

test('while the newest seal is none the sealer stops, rather than chain to what nobody signed', async () => {
  await append(10);
  await log.seal();
  await log.tamper(`update events set data = convert_to('{}', 'UTF8') where stream = 'seals'`);
  await expect(log.seal()).rejects.toThrow('seals@0 is no seal');
});

test('one pass over the log serves several consumers, each from its own place', async () => {
  await append(30);
  await log.seal();
  await append(12, 'job-b');
  const seen: string[] = [];
  let place: bigint | 'start' = 'start';
  const keeper: LogConsumer = {
    name: 'keeper',
    position: () => Promise.resolve(place),
    take: (batch) => {
      seen.push(...batch.map(({ stream, revision }) => `${stream}@${revision}`));
      place = batch.at(-1)?.position ?? place;
      return Promise.resolve();
    },
    serverAt: () => undefined,
  };
  const { stop } = started([log.sealer(), keeper]);
  await allSealed(42);
  await until(() => seen.includes('seals@1'));
  await stop();
  expect(seen).toHaveLength(new Set(seen).size);
  expect(seen.filter((name) => name.startsWith('job-'))).toHaveLength(42);
  await whole(42);
});

test('it ends at once when it is stopped before it starts, and in the midst of a long read', async () => {
  await append(4_000);
  const own = openEventStore(log.url);
  const reads: number[] = [];
  const slow: LogConsumer = {
    name: 'slow',
    position: () => Promise.resolve('start'),
    take: (batch) => {
      reads.push(batch.length);
      return Promise.resolve();
    },
    serverAt: () => undefined,
  };
  const { stop } = started([slow], own);
  await until(() => reads.length > 0);
  await stop();
  await closeEventStore(own);
  await expect(
    archivist({
      scan: eventStoreScan(log.client, plainStreams),
      consumers: [],
      draw: Math.random,
      logger: silentLogger,
      metrics: counted().metrics,
      everyMs: 10,
    }).run(AbortSignal.abort()),
  ).resolves.toBeUndefined();
});
