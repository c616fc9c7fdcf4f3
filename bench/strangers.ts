import { jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'nats';
import { connectOptions } from '../infra/nats/access';
import { attemptCommands } from '../commands/attempt-commands';
import { proofs } from '../commands/proofs';
import { jobStream } from '../domain/ids';
import { systemClock } from '../infra/clock';
import { closeEventStore, openEventStore } from '../infra/eventstore/client';
import { eventStoreLog } from '../infra/eventstore/event-log';
import { uuids } from '../infra/ids';
import { hmacSigner } from '../infra/signer';
import { httpClient } from './http-client';
import { owners } from './stack';
import { atPace, inFlight } from './pace';
import { onRig, type Rig } from './rig';
import type { Figures, Row } from './row';
import { rounded } from './statistics';
import { settle } from './warm-up';
import { wholeLives } from './whole-life';
import { brokerNames, streams } from './names';

/** More than any machine of two cores takes through whole lives: what ends of it each second is the ceiling. */
const CEILING_LOAD = { of: 'ceiling', perSecond: 2_000, seconds: 8 };
const SECONDS = 30;
const AHEAD_MS = 3_000;
/** Whose jobs are looked at, and who has the hundred thousand. */
const QUIET = 15;
const HEAVY = 2;
const STRANGER = 3;
const HEAVY_JOBS = 100_000;
const PARKED = 10_000;
const WAITING = 20_000;
const UNSERVED = 2_000;
const BATCH = 500;
/** Long enough to schedule all of them. */
const HEAVY_AHEAD_MS = 90_000;

const of = (owner: number, index: number): number => owner + index * owners.length;

const LATENESS = `
  select count(*) as jobs, count(*) filter (where started_at is null) as unstarted,
         count(*) filter (where attempt > 1 or revision > 3) as twice,
         count(*) filter (where started_at < due_at) as early,
         percentile_disc(array[0.5, 0.99]) within group
           (order by extract(epoch from started_at - due_at) * 1000) as late,
         percentile_disc(array[0.5, 0.99]) within group
           (order by extract(epoch from dispatched_at - due_at) * 1000) as dispatched_late
  from jobs where owner_id = $1 and due_at >= to_timestamp($2::float8 / 1000)
    and due_at < to_timestamp($3::float8 / 1000)`;

type LatenessRow = {
  readonly jobs: string;
  readonly unstarted: string;
  readonly twice: string;
  readonly early: string;
  readonly late: readonly (string | number)[] | null;
  readonly dispatched_late: readonly (string | number)[] | null;
};

/** Jobs of the quiet owner at an even pace. @returns how late they started */
const quietJobs = async ({ schedule, database }: Rig, perSecond: number): Promise<Figures> => {
  const from = Date.now() + AHEAD_MS;
  await atPace(perSecond, perSecond * SECONDS, (index) =>
    schedule(of(QUIET, index), from + (index * 1_000) / perSecond),
  );
  await sleep(2 * AHEAD_MS);
  const to = from + SECONDS * 1_000;
  const { rows } = await database.query<LatenessRow>(LATENESS, [owners[QUIET], from, to]);
  const [row] = rows;
  const [p50, p99] = (row?.late ?? []).map(Number);
  const [dispatchedP50, dispatchedP99] = (row?.dispatched_late ?? []).map(Number);
  return {
    p50Ms: rounded(p50 ?? Number.NaN),
    p99Ms: rounded(p99 ?? Number.NaN),
    dispatchedP50Ms: rounded(dispatchedP50 ?? Number.NaN),
    dispatchedP99Ms: rounded(dispatchedP99 ?? Number.NaN),
    jobs: Number(row?.jobs),
    unstarted: Number(row?.unstarted),
    twice: Number(row?.twice),
    early: Number(row?.early),
  };
};

/** Jobs whose streams hold an event that nobody can read. */
const parkStreams = async ({ urls }: Rig): Promise<void> => {
  const client = openEventStore(urls.eventstoreUrl);
  await inFlight(64, PARKED, () =>
    client.appendToStream(
      jobStream(randomUUID()),
      [jsonEvent({ type: 'JobFromTheFuture', data: {}, metadata: {} })],
      { expectedRevision: NO_STREAM },
    ),
  );
  await closeEventStore(client);
};

/** Messages that nobody takes, each backed by the log: dispatched by the bench, which knows no budget. */
const leaveWaiting = async (rig: Rig): Promise<void> => {
  const client = openEventStore(rig.urls.eventstoreUrl);
  const nats = await connect({ ...connectOptions({ url: rig.urls.natsUrl }), noAsyncTraces: true });
  const stream = nats.jetstream();
  const commands = attemptCommands({
    log: eventStoreLog(client, streams),
    clock: systemClock,
    ids: uuids,
    proofs: proofs(hmacSigner('a secret of the bench alone')),
    draw: Math.random,
  });
  await inFlight(64, WAITING, async (index) => {
    const dueAt = Date.now();
    const { jobId } = await rig.schedule(of(STRANGER, index), dueAt, 'abandoned');
    const job = { jobId, dueAt, attempt: 1, revision: 0n, timeoutMs: 60_000 };
    const answer = await commands.dispatch(job);
    if (answer.outcome !== 'dispatched') return; // the product was faster
    const id = `${jobId}/1/${answer.revision}`;
    await stream.publish(brokerNames.dueSubject('abandoned', jobId), JSON.stringify({ id }), {
      msgID: id,
    });
  });
  await nats.close();
  await closeEventStore(client);
};

/** A second gateway that has joined the others and then answers nothing more. @returns how to end it */
const freezeGateway = async ({ urls }: Rig): Promise<() => void> => {
  const gateway = spawn(process.execPath, [join(__dirname, '..', 'processes', 'main.js')], {
    env: {
      PATH: process.env['PATH'],
      PROCESSES: 'executor-gateway',
      EVENTSTORE_URL: urls.eventstoreUrl,
      POSTGRES_URL: urls.postgresUrl,
      NATS_URL: urls.natsUrl,
      API_KEYS: 'a-key-of-the-bench:bench:operator',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise((resolve) => gateway.stdout.once('data', resolve)); // its line when it is ready
  gateway.kill('SIGSTOP');
  return () => {
    gateway.kill('SIGKILL');
  };
};

/** Jobs to a queue with a slip of the pen, more than its budget. */
const misspell = async (rig: Rig): Promise<void> => {
  await inFlight(64, UNSERVED, (index) =>
    rig.schedule(of(STRANGER, index), Date.now() + AHEAD_MS, 'defualt'),
  );
};

const heavyJobs = async ({ scheduleBatch, urls }: Rig): Promise<number> => {
  const dueAt = Date.now() + HEAVY_AHEAD_MS;
  const http = httpClient(urls.httpUrl, 4);
  const dueAts = Array.from({ length: BATCH }, () => dueAt);
  await inFlight(4, HEAVY_JOBS / BATCH, () => scheduleBatch(http, HEAVY, dueAts));
  http.close();
  return dueAt;
};

const HEAVY_LEFT = `select count(*) as n from jobs where owner_id = $1 and status = 'scheduled'`;

/** How late an owner's jobs start while everybody else does his worst, and how late without them. */
export const strangers: Row = {
  name: 'strangers',
  measure: async (options) =>
    await onRig(options, async (rig) => {
      await settle(rig);
      options.note('the ceiling of this hour');
      const { values: whole } = await wholeLives(rig, CEILING_LOAD);
      const ceiling = whole['finishedPerSecond'] ?? Number.NaN;
      const perSecond = Math.round(ceiling / 2);
      options.note(`${perSecond}/s of one owner, alone`);
      const alone = await quietJobs(rig, perSecond);
      options.note('inviting the strangers');
      await parkStreams(rig);
      await leaveWaiting(rig);
      await misspell(rig);
      const thaw = await freezeGateway(rig);
      try {
        const dueAt = await heavyJobs(rig);
        await sleep(Math.max(0, dueAt - AHEAD_MS - Date.now()));
        options.note(`${perSecond}/s of one owner, beside all of them`);
        const beside = await quietJobs(rig, perSecond);
        const { rows } = await rig.database.query<{ n: string }>(HEAVY_LEFT, [owners[HEAVY]]);
        return [
          {
            of: 'starts at half of the ceiling, beside strangers',
            values: {
              ceilingPerSecond: ceiling,
              ...beside,
              aloneP50Ms: alone['p50Ms'] ?? Number.NaN,
              aloneP99Ms: alone['p99Ms'] ?? Number.NaN,
              aloneDispatchedP50Ms: alone['dispatchedP50Ms'] ?? Number.NaN,
              aloneDispatchedP99Ms: alone['dispatchedP99Ms'] ?? Number.NaN,
              timesP50: rounded(Number(beside['p50Ms']) / Number(alone['p50Ms'])),
              timesP99: rounded(Number(beside['p99Ms']) / Number(alone['p99Ms'])),
              heavyStillWaiting: Number(rows[0]?.n),
              scheduledTooLate: Math.max(0, Date.now() - SECONDS * 1_000 - 2 * AHEAD_MS - dueAt),
            },
            target: [
              { of: 'timesP50', atMost: 3 },
              { of: 'timesP99', atMost: 3 },
              { of: 'twice', atMost: 0 },
              { of: 'early', atMost: 0 },
              { of: 'unstarted', atMost: 0 },
            ],
          },
        ];
      } finally {
        thaw();
      }
    }),
};
