import { isObject } from '../domain/events/fields';
import { KEY_MARK } from '../domain/events/key-mark';
import { jobStream, type Ids } from '../domain/ids';
import { toTimestamp, type Instant } from '../domain/time';
import type { CommandContext } from './answers';
import type { EventLog } from '../domain/event-log';

/** The job that a schedule with this key makes: keys belong to their owner. */
export const keyedJobId = (ids: Ids, ownerId: string, key: string): string =>
  ids.derive('job', ownerId, key);

type Marking = {
  /** The id of what is changed. */
  readonly subjectId: string;
  readonly commandId: string;
  readonly context: CommandContext;
};

const isOf = (metadata: unknown, commandId: string, fingerprint: string): boolean =>
  isObject(metadata) &&
  metadata['commandId'] === commandId &&
  metadata['fingerprint'] === fingerprint;

/**
 * Takes the key for this change, before the change itself: an append that a schedule with the same key would lose
 * against, and the other way round.
 *
 * @returns false when another request has it; the same request again has it still
 * @throws EventLogUnavailable, AppendOutcomeUnknown
 */
export const takeKey = async (
  { log, ids }: { readonly log: EventLog; readonly ids: Ids },
  { subjectId, commandId, context }: Marking,
  at: Instant,
): Promise<boolean> => {
  const { idempotency, actor } = context;
  if (!idempotency) return true;
  const { key, fingerprint } = idempotency;
  const stream = jobStream(keyedJobId(ids, actor.id, key));
  const mark = {
    id: ids.derive('event', 'key', commandId, fingerprint),
    type: KEY_MARK,
    data: { jobId: subjectId },
    metadata: {
      $correlationId: subjectId,
      $causationId: context.correlationId,
      commandId,
      actor,
      at: toTimestamp(at),
      fingerprint,
      schemaVersion: 1,
    },
  };
  const { outcome } = await log.append(stream, [mark], 'no-stream');
  if (outcome === 'appended') return true;
  const [first] = await log.read(stream);
  return first?.type === KEY_MARK && isOf(first.metadata, commandId, fingerprint);
};
