import { toTimestamp } from '../../../domain/time';
import type { MemberName } from '../../support/cluster';
import { onlyOnOurs } from '../../support/given-event-store';
import type { HttpUser } from '../../support/http';
import { insist } from '../../support/insist';
import { readJobStreams, readOperationStreams, type LoggedEvent } from '../../support/log-checker';
import { isLong } from '../../support/rounds';
import { linesOf } from '../../support/run-verb';
import { until } from '../../support/until';
import { runVerb } from '../../support/verb';
import { cluster, userOf } from './cluster';

const test = onlyOnOurs('it kills the event store');

// changes of many jobs in one operation, while those are killed with -9 on whom it depends

const JOBS = isLong ? 100_000 : 800;
const BATCH = 400;
const HOUR_MS = 3_600_000;
const WITHIN_MS = isLong ? 600_000 : 90_000;
const victims: readonly MemberName[] = isLong
  ? ['bulk-changer', 'eventstore', 'bulk-changer', 'projector', 'postgres', 'bulk-changer']
  : ['bulk-changer', 'eventstore'];

type Progress = { readonly changed: number; readonly refused: number };
type Operation = {
  readonly operationId: string;
  readonly status: string;
  readonly items: number | null;
  readonly progress: Progress;
};

const operationOf = async (user: HttpUser, operationId: string): Promise<Operation | undefined> => {
  const { status, body } = await user.get(`/v1/operations/${operationId}`);
  return status === 200 ? (body as unknown as Operation) : undefined;
};

const scheduleAll = async (user: HttpUser, tag: string, dueAt: number): Promise<void> => {
  const job = { name: tag, dueAt: toTimestamp(dueAt), location: 'print:', tags: [tag] };
  for (let from = 0; from < JOBS; from += BATCH) {
    const answer = await user.post('/v1/jobs/batch', { jobs: Array(BATCH).fill(job) });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }
};

type Asked = { readonly kind: string; readonly by?: string; readonly filter: object };

const start = async (user: HttpUser, body: Asked): Promise<string> => {
  const key = { 'idempotency-key': `${body.kind}-all-of-them` };
  const started = await insist(() => user.post('/v1/operations', body, key));
  if (started.status !== 201) throw new Error(JSON.stringify(started.body));
  return (started.body as unknown as Operation).operationId;
};

/** Kills each of the victims somewhere in the middle, and waits until all of it is done. */
const survive = async (user: HttpUser, operationId: string): Promise<Operation> => {
  for (const [index, victim] of victims.entries()) {
    const atLeast = ((index + 0.5) * JOBS) / (victims.length + 1);
    const before = await until(
      async () => {
        const found = await operationOf(user, operationId);
        return found && found.progress.changed >= atLeast ? found : undefined;
      },
      { what: `${atLeast} jobs are changed`, timeoutMs: WITHIN_MS },
    );
    expect(before.status).toBe('running'); // or nothing is tried here
    await cluster().kill(victim);
    await cluster().start(victim);
  }
  return await until(
    async () => {
      const found = await operationOf(user, operationId);
      return found?.status === 'completed' ? found : undefined;
    },
    { what: 'all jobs are changed', timeoutMs: WITHIN_MS },
  );
};

/** The streams of the jobs that have a tag, by the ids of the jobs. */
const streamsOf = async (tag: string): Promise<ReadonlyMap<string, readonly LoggedEvent[]>> => {
  const streams = await readJobStreams(cluster().eventstoreUrl);
  const isOfTag = ([first]: readonly LoggedEvent[]): boolean => first?.data['name'] === tag;
  return new Map([...streams].filter(([, events]) => isOfTag(events)));
};

/** What the log of an operation tells of each job that it was about: one after the other, as often as it tells. */
const itemsOf = async (operationId: string): Promise<readonly (readonly [string, string])[]> => {
  const events = (await readOperationStreams(cluster().eventstoreUrl)).get(operationId) ?? [];
  const texts = (type: string, field: string): readonly string[] =>
    events
      .filter((event) => event.type === type)
      .flatMap(({ data }) => data[field] as readonly string[]); // as the type has it
  const jobIds = texts('OperationSelected', 'jobIds');
  const outcomes = texts('OperationProgressed', 'outcomes');
  expect(outcomes).toHaveLength(jobIds.length);
  return jobIds.map((jobId, at) => [jobId, outcomes[at] ?? ''] as const);
};

const DUE_AT = Date.now() + 24 * HOUR_MS;

test.each([
  // a job that is moved twice is seen by where it is
  [
    { kind: 'move', by: 'PT1H' },
    { type: 'JobRescheduled', data: { dueAt: toTimestamp(DUE_AT + HOUR_MS) } },
  ],
  // one that is cancelled twice is as it was: only the one who cancelled it says that he did
  [{ kind: 'cancel' }, { type: 'JobCancelled', data: {} }],
])(
  'every job of an operation is changed once, whoever is killed in the middle of it: %j',
  async (asked, change) => {
    const cyd = userOf('cyd');
    const tag = `to ${asked.kind}`;
    await scheduleAll(cyd, tag, DUE_AT);
    const operationId = await start(cyd, { ...asked, filter: { tag } });
    expect(await survive(cyd, operationId)).toMatchObject({
      ...{ items: JOBS, progress: { changed: JOBS, refused: 0 } },
    });

    const streams = await streamsOf(tag);
    expect(streams.size).toBe(JOBS);
    for (const events of streams.values())
      expect(events).toMatchObject([{ type: 'JobScheduled' }, change]);
    const items = await itemsOf(operationId);
    expect(items).toHaveLength(JOBS);
    expect(new Set(items.map(([jobId]) => jobId))).toEqual(new Set(streams.keys()));
    expect(new Set(items.map(([, outcome]) => outcome))).toEqual(new Set(['changed']));
  },
  2_000_000,
);

test('what they leave in the log is as it should be', async () => {
  const verified = await runVerb([
    ...['audit', 'verify', '--json', '--owners', '0'],
    ...['--eventstore', cluster().eventstoreUrl, '--postgres', cluster().postgresUrl],
    ...['--nats', cluster().natsUrl],
  ]);
  const violations = linesOf(verified.output).filter(({ kind }) => kind === 'violation');
  expect({ code: verified.code, violations }).toEqual({ code: 0, violations: [] });
}, 600_000);
