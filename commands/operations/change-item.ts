import { accept, reject } from '../../domain/decider';
import type { Actor } from '../../domain/events/metadata';
import { jobStream, operationStream } from '../../domain/ids';
import type { JobCommand, JobDecision } from '../../domain/job/commands';
import { job as jobDecider } from '../../domain/job/decide';
import type { JobEvent } from '../../domain/job/events';
import type { KnownJob } from '../../domain/job/state';
import type { OperationDefinition } from '../../domain/operation/definition';
import type { ItemOutcome, ItemRefusal } from '../../domain/operation/outcomes';
import { fromTimestamp, toTimestamp, type Instant } from '../../domain/time';
import { decideAndAppend } from '../decide-and-append';
import type { HandleDeps } from '../handle';
import {
  expectedRevision,
  JobHistoryGone,
  JobUnreadable,
  loadJob,
  unlessGone,
  type LoadedJob,
} from '../job-stream';
import { newEvents } from '../new-events';

export type ItemOrder = {
  readonly operationId: string;
  readonly definition: OperationDefinition;
  readonly jobId: string;
};

/** A human's job has few writers, so five lost races in a row are a fault. */
const MAX_ROUNDS = 5;

/** One job is one command of the operation, whoever asks for it and however often. */
const commandIdOf = ({ ids }: HandleDeps, operationId: string, jobId: string): string =>
  ids.derive('operation-item', operationId, jobId);

const rescheduled = (at: Instant, dueAt: Instant, reason: string | undefined): JobCommand => ({
  ...{ type: 'RescheduleJob', at, dueAt },
  ...(reason !== undefined && { reason }),
});

/** Back to where the job was before a move of an operation, as long as that is the last that was said of its time. */
const decideBack = (
  deps: HandleDeps,
  { definition, jobId }: ItemOrder,
  undone: string,
  at: Instant,
  { facts }: LoadedJob,
  job: KnownJob,
): JobDecision | ReturnType<typeof reject<{ readonly code: ItemRefusal }>> => {
  const commandId = commandIdOf(deps, undone, jobId);
  const moved = facts.find(({ metadata }) => metadata.commandId === commandId);
  if (moved?.type !== 'JobRescheduled') return accept();
  if (fromTimestamp(moved.data.dueAt) !== job.dueAt) return reject({ code: 'job-moved-since' });
  const back = fromTimestamp(moved.data.previousDueAt);
  return jobDecider.decide(rescheduled(at, back, definition.reason), job);
};

const decideItem = (
  deps: HandleDeps,
  order: ItemOrder,
  at: Instant,
  loaded: LoadedJob,
): JobDecision | ReturnType<typeof reject<{ readonly code: ItemRefusal }>> => {
  const { kind, role, ownerId, selection, byMs = 0, reason } = order.definition;
  const { state: job } = loaded;
  const isForeign =
    job.status !== 'none' && role !== 'operator' && job.definition.ownerId !== ownerId;
  if (job.status === 'none' || isForeign) return reject({ code: 'job-not-found' });
  const because = reason === undefined ? {} : { reason };
  switch (kind) {
    case 'cancel':
      return jobDecider.decide({ type: 'CancelJob', at, ...because }, job);
    case 'redrive':
      return jobDecider.decide({ type: 'RedriveJob', at }, job);
    case 'move':
      return selection.by === 'undo'
        ? decideBack(deps, order, selection.operationId, at, loaded, job)
        : jobDecider.decide(rescheduled(at, job.dueAt + byMs, reason), job);
  }
};

const append = (
  deps: HandleDeps,
  { operationId, definition, jobId }: ItemOrder,
  events: readonly JobEvent[],
  { state }: LoadedJob,
  at: Instant,
) => {
  const { ids, log } = deps;
  const commandId = commandIdOf(deps, operationId, jobId);
  const expected = expectedRevision(state);
  const actor: Actor = { kind: definition.role, id: definition.ownerId };
  const metadata = {
    $correlationId: jobId,
    $causationId: operationStream(operationId),
    ...{ commandId, actor, at: toTimestamp(at) },
  };
  const seeded = newEvents(ids, events, `${commandId}/${expected}`, metadata);
  return unlessGone(jobId, log.append(jobStream(jobId), seeded, expected));
};

/** Of a job that cannot be read, who named it learns no more than whose it is. */
const unreadable = (
  { role, ownerId, selection }: OperationDefinition,
  error: JobUnreadable,
): ItemRefusal => {
  const mayKnow = role === 'operator' || selection.by !== 'ids' || error.ownerId === ownerId;
  if (!mayKnow) return 'job-not-found';
  return error instanceof JobHistoryGone ? 'job-history-gone' : 'job-unreadable';
};

/** It was done before: by one who was killed before he could tell. */
type Before = { readonly isDone: true };

/**
 * Changes one job for an operation, once: the event that it leaves in the stream of the job says that it is done.
 *
 * @param mayChange  asked before something is written; after a no the job is only looked at
 * @throws EventLogUnavailable, AppendOutcomeUnknown, EventTooNew: the same call again is right
 */
export const changeItem = async (
  deps: HandleDeps,
  order: ItemOrder,
  mayChange: () => boolean,
): Promise<ItemOutcome> => {
  const commandId = commandIdOf(deps, order.operationId, order.jobId);
  try {
    const done = await decideAndAppend<
      LoadedJob,
      JobEvent,
      Before | { readonly code: ItemRefusal | 'left' }
    >(deps, {
      maxRounds: MAX_ROUNDS,
      load: () => loadJob(deps.log, order.jobId),
      decide: (at, loaded) => {
        const isDone = loaded.facts.some(({ metadata }) => metadata.commandId === commandId);
        if (isDone) return reject({ isDone });
        if (!mayChange()) return reject({ code: 'left' });
        return decideItem(deps, order, at, loaded);
      },
      append: (events, loaded, at) => append(deps, order, events, loaded, at),
    });
    switch (done.outcome) {
      case 'contended':
        return 'contended';
      case 'unchanged':
        return 'unchanged';
      case 'appended':
        return 'changed';
      case 'rejected':
        return 'isDone' in done.rejection ? 'changed' : done.rejection.code;
    }
  } catch (error) {
    if (error instanceof JobUnreadable) return unreadable(order.definition, error);
    throw error;
  }
};
