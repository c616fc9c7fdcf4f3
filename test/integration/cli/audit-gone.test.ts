import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { auditExport } from '../../../cli/audit/export/export';
import { auditVerify } from '../../../cli/audit/verify/verify';
import { asOf } from '../../../cli/as-of/as-of';
import { replay } from '../../../cli/replay/replay';
import { jobStream } from '../../../domain/ids';
import { toTimestamp } from '../../../domain/time';
import { eventStoreLog } from '../../../infra/eventstore/event-log';
import { eventStoreScan } from '../../../infra/eventstore/log-scan';
import { uuids } from '../../../infra/ids';
import { recordedEvent } from '../../../projections/reading/log-scan';
import { announceProjected } from '../../../projections/writing/projected';
import { projectionWriter } from '../../../projections/writing/projection-writer';
import { readModel } from '../../../projections/projections';
import * as of from '../../support/jobs';
import { t } from '../../support/jobs';
import { newEvent } from '../../support/new-event';
import { createDatabase, type TestDatabase } from '../../support/postgres';
import { createReadModel, type TestReadModel } from '../../support/read-model';
import { linesOf, runVerbHere } from '../../support/run-verb';
import { openSealedLog, type SealedLog } from '../../support/sealed-log';
import { tempFolder } from '../../support/temp-folder';
import { plainStreams } from '../../support/names';

let database: TestDatabase;
let log: SealedLog;
let model: TestReadModel;
let folder: Awaited<ReturnType<typeof tempFolder>>;
let keyFile: string;

beforeEach(async () => {
  database = await createDatabase();
  log = await openSealedLog(database.url);
  model = await createReadModel();
  folder = await tempFolder('audit-gone');
  keyFile = join(folder.path, 'key.pub.pem');
  await writeFile(keyFile, log.key.publicPem);
});
afterEach(async () => {
  await log.close();
  await model.dispose();
  await database.drop();
  await folder.remove();
});

const life = [
  of.scheduled(),
  of.rescheduled(t(60)),
  of.dispatched(1, t(60)),
  of.started(),
  of.succeeded,
] as const;

/** A finished job with five events. */
const finished = async (): Promise<string> => {
  const jobId = uuids.next();
  for (const [n, { type, data }] of life.entries()) {
    const { metadata, ...event } = newEvent(data, type);
    await eventStoreLog(log.client, plainStreams).append(
      jobStream(jobId),
      [
        {
          ...event,
          metadata: {
            ...metadata,
            at: toTimestamp(t(n === 2 ? 60 : n === 0 ? 0 : n < 2 ? 1 : 60 + n)),
          },
        },
      ],
      n === 0 ? 'no-stream' : BigInt(n - 1),
    );
  }
  return jobId;
};

const project = async (): Promise<void> => {
  const session = await model.openSession();
  const writer = await projectionWriter(session, readModel, announceProjected);
  const { signal } = new AbortController();
  for await (const batch of eventStoreScan(log.client, plainStreams)({ after: 'start' }, signal)) {
    const events = batch.map(recordedEvent).filter(({ stream }) => readModel.isMine(stream));
    await writer.apply(events, events.at(-1)?.position ?? 0n);
  }
  await session.close();
};

/** What a scavenge does: takes out what metadata hides, but for a stream's newest event, and all of a tombstoned one. */
const scavenge = (condition: string) =>
  log.tamper(`delete from events where stream not like '$%' and (${condition})`);

const verify = async (...flags: readonly string[]) => {
  const { code, output } = await runVerbHere(auditVerify, [
    ...['--eventstore', log.url, '--postgres', model.url, '--no-nats', '--rate', 'full'],
    ...['--seal', '--public-key', keyFile, '--json', ...flags],
  ]);
  const lines = linesOf(output);
  const kind = (name: string) => lines.filter((line) => line['kind'] === name);
  return {
    code,
    violations: kind('violation'),
    gone: kind('gone').map(({ rule, subject, message }) => ({ rule, subject, message })),
    summary: kind('summary')[0],
  };
};

test('a log that an administrator truncated, deleted and scavenged is verified to its end: what is gone is told, the rest is proved', async () => {
  const [whole, cut, soft, dead] = [
    await finished(),
    await finished(),
    await finished(),
    await finished(),
  ];
  await log.client.appendToStream('job-applications-42', [
    jsonEvent({ type: 'Applied', data: {} }),
    jsonEvent({ type: 'Hired', data: {} }),
  ]);
  await project();
  await log.seal();
  expect(await verify()).toMatchObject({ code: 0, violations: [], gone: [] });

  await log.client.setStreamMetadata(jobStream(cut), { truncateBefore: 3 });
  await log.client.deleteStream(jobStream(soft));
  await log.client.tombstoneStream(jobStream(dead));
  await scavenge(
    `(stream = '${jobStream(cut)}' and revision < 3) or (stream = '${jobStream(soft)}' and revision < 4)
     or (stream = '${jobStream(dead)}' and revision < 5)`,
  );

  const { code, violations, gone, summary } = await verify();
  expect(violations).toEqual([]);
  expect(gone).toHaveLength(4);
  expect(gone).toEqual(
    expect.arrayContaining([
      {
        ...{ rule: 'history-truncated', subject: cut },
        message:
          'the log has it from revision 3 on; what came before is gone, its metadata says $tb 3',
      },
      expect.objectContaining({ rule: 'history-truncated', subject: soft }),
      expect.objectContaining({ rule: 'stream-gone', subject: dead }),
      expect.objectContaining({
        ...{ rule: 'seal-unprovable', subject: 'block 1' },
        message: expect.stringMatching(/^12 events that were sealed are gone/) as string,
      }),
    ]),
  );
  expect(summary).toMatchObject({ violations: 0, gone: 4, foreignEvents: 2 });
  expect(code).toBe(4);
  expect(gone.map(({ subject }) => subject)).not.toContain(whole);
});

test('what nobody said may go is a violation: first events that are missing without metadata that takes them away', async () => {
  const [robbed, cut] = [await finished(), await finished()];
  await project();
  await log.seal();
  await log.client.setStreamMetadata(jobStream(cut), { truncateBefore: 1 });
  await scavenge(
    `(stream = '${jobStream(robbed)}' and revision < 2) or (stream = '${jobStream(cut)}' and revision < 2)`,
  );
  const { code, violations } = await verify();
  expect(code).toBe(3);
  expect(violations).toMatchObject(
    [robbed, cut].map(() => ({ rule: 'revision-gap' })).concat({ rule: 'seal-event-removed' }),
  );
  const named = violations.slice(0, 2).map(({ subject }) => subject);
  expect(new Set(named)).toEqual(new Set([robbed, cut]));
});

test('what is left of a truncated job is held against the read model: a changed row is found', async () => {
  const [right, wrong] = [await finished(), await finished()];
  await project();
  for (const jobId of [right, wrong])
    await log.client.setStreamMetadata(jobStream(jobId), { maxCount: 1 });
  await scavenge(`stream like 'job-%' and revision < 4`);
  await model.db('jobs').where({ job_id: wrong }).update({ status: 'failed' });
  const { violations, code } = await verify();
  expect(code).toBe(3);
  expect(violations).toMatchObject([{ rule: 'row-differs', subject: wrong }]);
});

test('metadata that makes no sense ends no verification', async () => {
  const jobId = await finished();
  for (const data of [
    '"text"',
    '{"$tb":"soon","$maxAge":{"days":1}}',
    'no JSON',
    '{"$maxCount":-1}',
  ])
    await log.client.appendToStream(`$$${jobStream(jobId)}`, [
      {
        ...jsonEvent({ type: '$metadata', data: {} }),
        data: Buffer.from(data),
        contentType: 'application/octet-stream',
      } as never,
    ]);
  await project();
  const { gone, violations } = await verify();
  expect(violations).toEqual([]);
  expect(gone).toMatchObject([{ rule: 'events-hidden', subject: jobId }]);
});

test('a position at which no event lies is answered by a sentence', async () => {
  await finished();
  const args = ['--eventstore', log.url, '--no-nats', '--no-read-model', '--rate', 'full'];
  await expect(runVerbHere(auditVerify, [...args, '--from', '129'])).rejects.toThrow(
    'no event of the log lies at position 129: give the position of an event',
  );
});

test('a window that begins after a truncated part believes what is left, and tells that the rest is gone', async () => {
  const jobId = await finished();
  const [middle] = (await eventStoreLog(log.client, plainStreams).read(jobStream(jobId))).slice(3);
  await log.client.setStreamMetadata(jobStream(jobId), { truncateBefore: 3 });
  await finished();
  await scavenge(`stream = '${jobStream(jobId)}' and revision < 3`);
  const { code, output } = await runVerbHere(auditVerify, [
    ...['--eventstore', log.url, '--no-nats', '--no-read-model', '--rate', 'full', '--json'],
    ...['--from', String(middle?.position)],
  ]);
  expect(linesOf(output)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'gone', rule: 'history-truncated', subject: jobId }),
    ]),
  );
  expect(code).toBe(4);
});

test('an export of a job whose first events are gone is refused: its file would claim to be whole', async () => {
  const jobId = await finished();
  await log.seal();
  await log.client.setStreamMetadata(jobStream(jobId), { truncateBefore: 3 });
  const out = join(folder.path, 'out.jsonl');
  const run = () =>
    runVerbHere(auditExport, [
      '--eventstore',
      log.url,
      '--rate',
      'full',
      '--job',
      jobId,
      '--out',
      out,
    ]);
  await expect(run()).rejects.toThrow(`${jobStream(jobId)} begins at revision 3`);
  await log.client.tombstoneStream(jobStream(jobId));
  await expect(run()).rejects.toThrow(`there is no ${jobStream(jobId)}`);
});

test('a replay tells rows that it cannot rebuild from rows that are wrong', async () => {
  const [whole, cut, soft, dead] = [
    await finished(),
    await finished(),
    await finished(),
    await finished(),
  ];
  await project();
  await log.client.setStreamMetadata(jobStream(cut), { truncateBefore: 3 });
  await log.client.deleteStream(jobStream(soft));
  await log.client.tombstoneStream(jobStream(dead));
  await scavenge(
    `(stream = '${jobStream(cut)}' and revision < 3) or stream = '${jobStream(soft)}'
     or (stream = '${jobStream(dead)}' and revision < 5)`,
  );
  const run = async (...flags: readonly string[]) => {
    const servers = ['--eventstore', log.url, '--postgres', model.url, '--rate', 'full'];
    const { code, output } = await runVerbHere(replay, [...servers, '--json', ...flags]);
    const gone = linesOf(output).filter((line) => line['kind'] === 'gone');
    return { code, gone: gone.map((line) => String(line['stream'])).sort() };
  };
  const streams = [cut, soft, dead].map(jobStream).sort();
  expect(await run('--dry-run')).toEqual({ code: 4, gone: streams });

  await model.db('jobs').where({ job_id: whole }).update({ status: 'failed' });
  expect(await run('--dry-run')).toEqual({ code: 3, gone: streams });

  expect(await run()).toEqual({ code: 0, gone: streams });
  const left: unknown = await model.db('jobs').select('job_id', 'status');
  expect(left).toEqual([{ job_id: whole, status: 'succeeded' }]);
  const parked: unknown = await model.db('parked_streams').select('stream');
  expect(parked).toEqual([{ stream: jobStream(cut) }]); // what is left of it; the tombstone is no event
});

test('a list of the past goes on beside truncated and deleted streams, and leaves out what cannot be folded', async () => {
  const [whole, cut, dead] = [await finished(), await finished(), await finished()];
  await log.client.setStreamMetadata(jobStream(cut), { truncateBefore: 3 });
  await log.client.tombstoneStream(jobStream(dead));
  await scavenge(
    `(stream = '${jobStream(cut)}' and revision < 3) or (stream = '${jobStream(dead)}' and revision < 5)`,
  );
  const { output } = await runVerbHere(asOf, [
    ...['list', '--eventstore', log.url, '--postgres', model.url, '--json'],
    ...['--at', toTimestamp(Date.now() - 1)],
  ]);
  const ids = linesOf(output).flatMap((line) =>
    line['jobId'] === undefined ? [] : [line['jobId']],
  );
  expect(ids).toEqual([whole]);
});
