import { EventStoreDBClient, FORWARDS, START } from '@eventstore/db-client';
import { streamNames } from '../../infra/eventstore/stream-names';
import { systemPrefixOn } from './given-event-store';

export type LoggedEvent = {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: number;
  readonly revision: number;
};

export type Streams = ReadonlyMap<string, readonly LoggedEvent[]>;

/** All streams of one kind of the system of a test by their ids, read once through a client of its own. */
const readStreams = async (
  eventstoreUrl: string,
  kind: 'job' | 'schedule' | 'operation',
): Promise<Streams> => {
  const client = EventStoreDBClient.connectionString(eventstoreUrl);
  const streams = new Map<string, LoggedEvent[]>();
  const prefix = `${kind}-`;
  const names = streamNames(systemPrefixOn(eventstoreUrl));
  try {
    for await (const { event } of client.readAll({ direction: FORWARDS, fromPosition: START })) {
      // a mark of an idempotency key is no event of the thing itself
      if (!event || event.type === 'IdempotencyKeyUsed') continue;
      const name = names.own(event.streamId);
      if (!name?.startsWith(prefix)) continue;
      const id = name.slice(prefix.length);
      const stream = streams.get(id) ?? [];
      const { at } = event.metadata as { readonly at: string }; // every event of ours has it
      stream.push({
        type: event.type,
        data: event.data as LoggedEvent['data'],
        at: Date.parse(at),
        revision: Number(event.revision),
      });
      streams.set(id, stream);
    }
  } finally {
    await client.dispose();
  }
  return streams;
};

export const readJobStreams = (eventstoreUrl: string): Promise<Streams> =>
  readStreams(eventstoreUrl, 'job');

export const readScheduleStreams = (eventstoreUrl: string): Promise<Streams> =>
  readStreams(eventstoreUrl, 'schedule');

export const readOperationStreams = (eventstoreUrl: string): Promise<Streams> =>
  readStreams(eventstoreUrl, 'operation');

/** What a job's events say, folded from the spec (design.md, section 4) and not with the product's code. */
export type Folded = {
  readonly status: string;
  readonly dueAt: number;
  readonly attempt: number;
  readonly revision: number;
};

const statusAfter: Readonly<Record<string, string>> = {
  JobScheduled: 'scheduled',
  JobRescheduled: 'scheduled',
  JobCancelled: 'cancelled',
  JobDispatched: 'queued',
  JobRedispatched: 'queued',
  JobStarted: 'running',
  JobSucceeded: 'succeeded',
  JobFailed: 'failed',
  JobExpired: 'expired',
  JobRedriven: 'scheduled',
  JobAborted: 'aborted',
};

const foldFromSpec = (events: readonly LoggedEvent[]): Folded =>
  events.reduce<Folded>(
    (job, { type, data, revision }) => {
      const retryAt = data['retryAt'];
      if (type === 'JobAttemptFailed')
        return typeof retryAt === 'string'
          ? { status: 'scheduled', dueAt: Date.parse(retryAt), attempt: job.attempt + 1, revision }
          : { ...job, revision };
      const movesDueAt = ['JobScheduled', 'JobRescheduled', 'JobRedriven'].includes(type);
      return {
        status: statusAfter[type] ?? job.status,
        dueAt: movesDueAt ? Date.parse(String(data['dueAt'])) : job.dueAt,
        attempt: type === 'JobScheduled' || type === 'JobRedriven' ? 1 : job.attempt,
        revision,
      };
    },
    { status: 'none', dueAt: 0, attempt: 0, revision: -1 },
  );

/** The fold of every stream, by job id. */
export const foldAll = (
  streams: ReadonlyMap<string, readonly LoggedEvent[]>,
): Readonly<Record<string, Folded>> =>
  Object.fromEntries([...streams].map(([jobId, events]) => [jobId, foldFromSpec(events)]));

/** Every breach of a promise in one job's stream, as a sentence; none is what we want. */
export const breachesOf = (jobId: string, events: readonly LoggedEvent[]): readonly string[] => {
  const breaches: string[] = [];
  const say = (breach: string): void => {
    breaches.push(`${jobId}: ${breach} (${events.map(({ type }) => type).join(', ')})`);
  };
  const starts = new Map<string, number>();
  let redrives = 0;
  events.forEach(({ type, data, at, revision }, index) => {
    if (revision !== index) say(`revision ${revision} at place ${index}`);
    const before = foldFromSpec(events.slice(0, index));
    if (type === 'JobRedriven') redrives += 1;
    if (type === 'JobDispatched' && at < before.dueAt) say('dispatched early');
    if (type === 'JobDispatched' && before.status !== 'scheduled')
      say(`dispatched while ${before.status}`);
    if (type !== 'JobStarted') return;
    if (before.status !== 'queued') say(`started while ${before.status}`);
    if (at < before.dueAt) say('started early');
    const attempt = `${redrives}/${String(data['attempt'])}`;
    starts.set(attempt, (starts.get(attempt) ?? 0) + 1);
    if ((starts.get(attempt) ?? 0) > 1) say(`attempt ${attempt} started twice`);
  });
  const cancelledAt = events.findIndex(({ type }) => type === 'JobCancelled');
  if (cancelledAt >= 0 && cancelledAt < events.length - 1)
    say('something happened after the cancel');
  return breaches;
};
