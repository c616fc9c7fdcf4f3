import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { auditExport } from '../../../../cli/audit/export/export';
import { auditVerify } from '../../../../cli/audit/verify/verify';
import { foundSystem, systemOf } from '../../../../commands/found-system';
import { jobStream, metadataStream } from '../../../../domain/ids';
import { toTimestamp } from '../../../../domain/time';
import { systemClock } from '../../../../infra/clock';
import { eventStoreChecks } from '../../../../infra/eventstore/checks';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { eventStoreFeed } from '../../../../infra/eventstore/feed';
import { eventStoreScan } from '../../../../infra/eventstore/log-scan';
import { eventStoreSeals } from '../../../../infra/eventstore/seals';
import { streamNames } from '../../../../infra/eventstore/stream-names';
import { uuids } from '../../../../infra/ids';
import { archivingRound } from '../../../../processes/archiving/round';
import * as of from '../../../support/jobs';
import { newEvent } from '../../../support/new-event';
import { createDatabase, type TestDatabase } from '../../../support/postgres';
import { linesOf, runVerbHere } from '../../../support/run-verb';
import { openSealedLog, type SealedLog } from '../../../support/sealed-log';
import { tempFolder } from '../../../support/temp-folder';
import { until } from '../../../support/until';

/** Two with a prefix, of which one begins like the other, and one without. */
const prefixes = [undefined, 'acme', 'acme2'] as const;
/** The same in all systems: an Idempotency-Key makes the same id wherever it is used. */
const jobIds = [uuids.next(), uuids.next(), uuids.next()];
const life = [of.scheduled(), of.dispatched(), of.started(), of.succeeded];
const never = new AbortController().signal;

let database: TestDatabase;
let store: SealedLog;
let folder: Awaited<ReturnType<typeof tempFolder>>;
let keyFile: string;

const logOf = (prefix: string | undefined) => eventStoreLog(store.client, streamNames(prefix));

/** Event by event, each of another system than the one before. */
const live = async (): Promise<void> => {
  for (const jobId of jobIds)
    for (const [n, { type, data }] of life.entries())
      for (const prefix of prefixes) {
        const its = n === 0 ? { ...data, ownerId: `of-${prefix}` } : data;
        const { metadata, ...event } = newEvent(its, type);
        const at = toTimestamp(of.t(n === 0 ? 0 : 50 + n));
        await logOf(prefix).append(
          jobStream(jobId),
          [{ ...event, metadata: { ...metadata, at } }],
          n === 0 ? 'no-stream' : BigInt(n - 1),
        );
      }
};

const seal = async (prefix: string | undefined) => {
  const names = streamNames(prefix);
  const seals = eventStoreSeals(store.client, names);
  const sealer = store.sealer({ seals, eventLog: logOf(prefix) });
  return await archivingRound(eventStoreScan(store.client, names), [sealer], never);
};

beforeAll(async () => {
  database = await createDatabase();
  store = await openSealedLog(database.url);
  folder = await tempFolder('shared-store');
  keyFile = join(folder.path, 'key.pub.pem');
  await writeFile(keyFile, store.key.publicPem);
  for (const prefix of prefixes)
    await foundSystem({ log: logOf(prefix), clock: systemClock, ids: uuids });
  await live();
  await store.client.appendToStream('orders-1', jsonEvent({ type: 'Ordered', data: {} }));
  for (const prefix of prefixes) expect((await seal(prefix)).faults).toEqual([]);
});
afterAll(async () => {
  await store.close();
  await database.drop();
  await folder.remove();
});

const flagsOf = (prefix: string | undefined): readonly string[] => [
  ...['--eventstore', store.url, '--rate', 'full'],
  ...(prefix === undefined ? [] : ['--prefix', prefix]),
];

const verified = async (prefix: string | undefined) => {
  const { code, output } = await runVerbHere(auditVerify, [
    ...[...flagsOf(prefix), '--no-read-model', '--no-nats', '--json'],
    ...['--seal', '--public-key', keyFile],
  ]);
  const lines = linesOf(output);
  const kind = (name: string) => lines.filter((line) => line['kind'] === name);
  return { code, found: [...kind('violation'), ...kind('gone')], summary: kind('summary')[0] };
};

test('each is a system of its own, on one event store', async () => {
  const ids = await Promise.all(prefixes.map((prefix) => systemOf(logOf(prefix))));
  expect(new Set(ids).size).toBe(prefixes.length);
});

test.each(prefixes)(
  'the system %s reads its own jobs alone, by the names that it knows',
  async (prefix) => {
    const events = await logOf(prefix).read(jobStream(jobIds[0] ?? ''));
    expect(events.map(({ type }) => type)).toEqual(life.map(({ type }) => type));
    expect(events[0]).toMatchObject({
      stream: jobStream(jobIds[0] ?? ''),
      data: { ownerId: `of-${prefix}` },
    });
  },
);

const scanned = async (prefix: string | undefined) => {
  const found: string[] = [];
  const scan = eventStoreScan(store.client, streamNames(prefix));
  for await (const batch of scan({ after: 'start' }, never))
    for (const { stream, revision } of batch) found.push(`${stream}@${revision}`);
  return found;
};
const places = (stream: string, events: number) =>
  Array.from({ length: events }, (_, n) => `${stream}@${n}`);

test.each(prefixes)('a scan of the system %s has its events and no others', async (prefix) => {
  const own = [
    'punctual-system@0',
    ...jobIds.flatMap((jobId) => places(jobStream(jobId), life.length)),
    ...(prefix === undefined ? ['orders-1@0'] : []), // of nobody: sealed with all else as ever
    'seals@0',
  ];
  expect((await scanned(prefix)).sort()).toEqual(own.sort());
});

test.each(prefixes)(
  'a subscription of the system %s brings its jobs and no others',
  async (prefix) => {
    const got: string[] = [];
    let isCaughtUp = false;
    const { items$ } = eventStoreFeed(store.client, streamNames(prefix)).open('start');
    const following = items$.subscribe((item) => {
      if (item.kind === 'caught-up') isCaughtUp = true;
      if (item.kind === 'event') got.push(`${item.event.stream}@${item.event.revision}`);
    });
    await until(() => isCaughtUp);
    following.unsubscribe();
    expect(got).toEqual(jobIds.flatMap((jobId) => places(jobStream(jobId), life.length)));
  },
);

test.each(prefixes)('the audit of the system %s is clean, seals included', async (prefix) => {
  expect(await verified(prefix)).toMatchObject({
    code: 0,
    found: [],
    summary: { jobs: jobIds.length, foreignEvents: 0 },
  });
});

test.each(prefixes)('an export of the system %s has nothing of the others', async (prefix) => {
  const { output } = await runVerbHere(auditExport, [
    ...[...flagsOf(prefix), '--from', '0', '--to', '1000000', '--out', '-', '--json'],
  ]);
  const owners = output.match(/of-\w+/g) ?? [];
  expect(new Set(owners)).toEqual(new Set([`of-${prefix}`]));
});

test('what is refused is told by the name that the event store has', async () => {
  await store.client.tombstoneStream('acme.job-gone');
  await expect(logOf('acme').read('job-gone')).rejects.toThrow(
    'acme.job-gone was deleted for good',
  );
  for (const { look } of eventStoreChecks(store.client, streamNames('acme'), { follows: true }))
    expect(await look()).toEqual({ outcome: 'ok' });
});

test('what an administrator takes from one system is gone for that one, and for no other', async () => {
  const [jobId = ''] = jobIds;
  await store.client.setStreamMetadata(`acme.${jobStream(jobId)}`, { truncateBefore: 2 });
  await store.tamper(
    `delete from events where stream = 'acme.${jobStream(jobId)}' and revision < 2`,
  );
  expect(await logOf('acme').read(metadataStream(jobStream(jobId)))).toHaveLength(1);
  expect(await verified('acme')).toMatchObject({ code: 4 });
  for (const prefix of [undefined, 'acme2'])
    expect(await verified(prefix)).toMatchObject({ code: 0, found: [] });
});
