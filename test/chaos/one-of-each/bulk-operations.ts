import { toTimestamp } from '../../../domain/time';
import type { MemberName } from '../../support/cluster';
import { onlyOnOurs } from '../../support/given-event-store';
import type { HttpUser } from '../../support/http';
import { insist } from '../../support/insist';
import { readJobStreams } from '../../support/log-checker';
import { isLong } from '../../support/rounds';
import { linesOf } from '../../support/run-verb';
import { until } from '../../support/until';
import { runVerb } from '../../support/verb';
import { cluster, userOf } from './cluster';

const test = onlyOnOurs('it kills the event store');

// a move of many jobs, while those are killed with -9 on whom it depends: made twice it would be seen

const JOBS = isLong ? 100_000 : 1_600;
const BATCH = 800;
const HOUR_MS = 3_600_000;
const WITHIN_MS = isLong ? 600_000 : 90_000;
const victims: readonly MemberName[] = isLong
  ? ['bulk-changer', 'eventstore', 'bulk-changer', 'projector', 'postgres', 'bulk-changer']
  : ['bulk-changer', 'eventstore', 'bulk-changer'];

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

test('every job of an operation is changed once, whoever is killed in the middle of it', async () => {
  const cyd = userOf('cyd');
  const dueAt = Date.now() + 24 * HOUR_MS;
  const job = {
    name: 'to be moved',
    dueAt: toTimestamp(dueAt),
    location: 'print:',
    tags: ['moved'],
  };
  for (let from = 0; from < JOBS; from += BATCH) {
    const answer = await cyd.post('/v1/jobs/batch', { jobs: Array(BATCH).fill(job) });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }
  const body = { kind: 'move', filter: { tag: 'moved' }, by: 'PT1H' };
  const started = await insist(() =>
    cyd.post('/v1/operations', body, { 'idempotency-key': 'move-all-of-them' }),
  );
  if (started.status !== 201) throw new Error(JSON.stringify(started.body));
  const { operationId } = started.body as unknown as Operation;

  for (const [index, victim] of victims.entries()) {
    const atLeast = ((index + 0.5) * JOBS) / (victims.length + 1);
    const before = await until(
      async () => {
        const found = await operationOf(cyd, operationId);
        return found && found.progress.changed >= atLeast ? found : undefined;
      },
      { what: `${atLeast} jobs are moved`, timeoutMs: WITHIN_MS },
    );
    expect(before.status).toBe('running'); // or nothing is tried here
    await cluster().kill(victim);
    await cluster().start(victim);
  }
  const ended = await until(
    async () => {
      const found = await operationOf(cyd, operationId);
      return found?.status === 'completed' ? found : undefined;
    },
    { what: 'all jobs are moved', timeoutMs: WITHIN_MS },
  );
  expect(ended).toMatchObject({ items: JOBS, progress: { changed: JOBS, refused: 0 } });

  const streams = await readJobStreams(cluster().eventstoreUrl);
  const moved = [...streams.values()].filter((events) =>
    JSON.stringify(events[0]?.data ?? {}).includes('"moved"'),
  );
  expect(moved).toHaveLength(JOBS);
  for (const events of moved) {
    expect(events.map(({ type }) => type)).toEqual(['JobScheduled', 'JobRescheduled']);
    expect(events[1]?.data).toMatchObject({ dueAt: toTimestamp(dueAt + HOUR_MS) });
  }
  const verified = await runVerb([
    ...['audit', 'verify', '--json', '--owners', '0'],
    ...['--eventstore', cluster().eventstoreUrl, '--postgres', cluster().postgresUrl],
    ...['--nats', cluster().natsUrl],
  ]);
  const violations = linesOf(verified.output).filter(({ kind }) => kind === 'violation');
  expect({ code: verified.code, violations }).toEqual({ code: 0, violations: [] });
}, 2_000_000);
