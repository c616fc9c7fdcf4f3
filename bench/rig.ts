import { Client } from 'pg';
import type { JobAccepted } from '../commands/answers';
import { jobCommands } from '../commands/job-commands';
import type { Instant } from '../domain/time';
import { systemClock } from '../infra/clock';
import { closeEventStore, openEventStore } from '../infra/eventstore/client';
import { eventStoreLog } from '../infra/eventstore/event-log';
import { uuids } from '../infra/ids';
import type { Endpoints } from '../processes/composition/endpoints';
import { cpuMeter, type CpuMeter } from './cpu';
import { contextOf, ownerOf, jobBody, scheduleRequest } from './jobs';
import type { HttpClient } from './http-client';
import { interruptible } from './interruptible';
import { projectedPositions, type ProjectedPositions } from './projected-positions';
import type { RowOptions } from './row';
import { keyOf, startStack, type Stack, type StackOptions } from './stack';
import { streams } from './names';

/** A running stack with all that the bench watches it by. */
export type Rig = {
  readonly stack: Stack;
  /** When the stack was ready, on the clock of `performance.now`. */
  readonly startedMs: number;
  readonly urls: Endpoints;
  /** Of the read model. */
  readonly database: Client;
  readonly projected: ProjectedPositions;
  readonly cpu: CpuMeter;
  /** Schedules a job by the command, in this process. @throws Error for a refusal */
  readonly schedule: (index: number, dueAt: Instant, queue?: string) => Promise<JobAccepted>;
  /** Schedules jobs by one request. @returns those that were not refused; @throws Error for another answer than 200 */
  readonly scheduleBatch: (
    http: HttpClient,
    index: number,
    dueAts: readonly Instant[],
  ) => Promise<readonly ScheduledJob[]>;
};

export type ScheduledJob = { readonly jobId: string; readonly position: bigint };

type BatchAnswer = {
  readonly results: readonly {
    readonly status: number;
    readonly job?: { readonly jobId: string; readonly position: string };
  }[];
};

const scheduleBatch: Rig['scheduleBatch'] = async (http, index, dueAts) => {
  const body = { jobs: dueAts.map((dueAt) => jobBody(dueAt)) };
  const { status, text } = await http.send('POST', '/v1/jobs/batch', keyOf(ownerOf(index)), body);
  if (status !== 200) throw new Error(`a batch was answered ${status}: ${text.slice(0, 200)}`);
  const { results } = JSON.parse(text) as BatchAnswer; // the product's own answer
  return results.flatMap(({ job }) =>
    job ? [{ jobId: job.jobId, position: BigInt(job.position) }] : [],
  );
};

/** Runs `work` against a fresh stack, and takes all of it down again. */
export const onRig = async <T>(
  { profileDir, signal }: RowOptions,
  work: (rig: Rig) => Promise<T>,
  options: StackOptions = {},
): Promise<T> => {
  const closing: (() => unknown)[] = [];
  try {
    const stack = await startStack({ ...options, ...(profileDir !== undefined && { profileDir }) });
    closing.push(stack.stop);
    const urls = await stack.endpoints();
    const database = new Client({
      connectionString: urls.postgresUrl,
      application_name: 'punctual-bench',
    });
    database.on('error', () => undefined); // the next query says so
    await database.connect();
    closing.push(() => database.end());
    const projected = await projectedPositions(urls.postgresUrl);
    closing.push(projected.stop);
    const client = openEventStore(urls.eventstoreUrl);
    closing.push(() => closeEventStore(client));
    const commands = jobCommands({
      log: eventStoreLog(client, streams),
      clock: systemClock,
      ids: uuids,
    });
    const rig: Rig = {
      stack,
      startedMs: performance.now(),
      urls,
      database,
      projected,
      cpu: cpuMeter(stack, database),
      schedule: async (index, dueAt, queue) => {
        const answer = await commands.schedule(scheduleRequest(dueAt, queue), contextOf(index));
        if (answer.outcome !== 'accepted')
          throw new Error(`a job was not scheduled: ${JSON.stringify(answer)}`);
        return answer;
      },
      scheduleBatch,
    };
    return await interruptible(signal, () => work(rig));
  } finally {
    for (const close of closing.reverse()) await close();
  }
};
