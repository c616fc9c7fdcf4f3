import type { RecordedEvent } from '../../domain/event-log';
import type { Violation } from '../../domain/audit/violation';
import { jobIdOf, jobStream } from '../../domain/ids';
import { jobEventTypes, kindOf } from '../../domain/job/events';
import type { LogCheck } from './log-check';
import type { StoredBytes } from '../reading/log-scan';
import { jobKinds, recordedFact, storedFact, type StoredFact } from './stored-fact';

/** A message of a due job that nobody has acknowledged yet. */
export type StoredMessage = {
  /** Of the broker. */
  readonly stream: string;
  readonly sequence: number;
  readonly subject: string;
  /** Its Nats-Msg-Id; undefined when it has none. */
  readonly id: string | undefined;
  readonly data: Uint8Array;
};

/** The dispatch that a message claims to come from. */
type Claimed = {
  readonly name: string;
  readonly stream: string;
  readonly attempt: number;
  readonly revision: bigint;
};

const nameOf = ({ id, stream, sequence }: StoredMessage): string => id ?? `${stream} ${sequence}`;

const bodyOf = (data: Uint8Array): Readonly<Record<string, unknown>> | undefined => {
  try {
    const body: unknown = JSON.parse(new TextDecoder('utf8', { fatal: true }).decode(data));
    const inner =
      typeof body === 'object' && body !== null && 'data' in body ? body.data : undefined;
    return typeof inner === 'object' && inner !== null
      ? (inner as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
};

/** What the message says of itself, in all three places alike; a sentence when it does not. */
const claimedBy = (message: StoredMessage): Claimed | string => {
  const { jobId, attempt, revision } = bodyOf(message.data) ?? {};
  if (typeof jobId !== 'string' || jobIdOf(jobStream(jobId)) === undefined)
    return 'the message names no job';
  if (!Number.isSafeInteger(attempt) || !Number.isSafeInteger(revision) || Number(revision) < 0)
    return 'the message names no attempt and revision';
  if (message.id !== `${jobId}/${Number(attempt)}/${Number(revision)}`)
    return `the message is of ${jobId}/${Number(attempt)}/${Number(revision)}, which is not its id`;
  if (!message.subject.endsWith(`.${jobId}`))
    return `the message of job ${jobId} lies under ${message.subject}`;
  return {
    name: nameOf(message),
    stream: jobStream(jobId),
    attempt: Number(attempt),
    revision: BigInt(Number(revision)),
  };
};

const sendings: ReadonlySet<string> = new Set(
  jobEventTypes.filter((type) => kindOf(type).attempt === 'sent'),
);

const isDispatch = ({ type }: { readonly type: string }): boolean => sendings.has(type);

const attemptIn = (fact: StoredFact): number | undefined =>
  fact.kind === 'event' && 'attempt' in fact.event.data ? fact.event.data.attempt : undefined;

const unbacked = (subject: string, message: string): Violation => ({
  rule: 'unbacked-message',
  subject,
  message,
  events: [],
});

const noDispatch = (
  { name, stream, attempt, revision }: Claimed,
  at: RecordedEvent | undefined,
): Violation => {
  const found = at ? `is ${at.type}` : 'is not there';
  return {
    ...unbacked(
      name,
      `the message says that attempt ${attempt} was dispatched at revision ${revision}, which ${found}`,
    ),
    events: at ? [{ stream, revision, position: at.position, type: at.type }] : [],
  };
};

export type MessageCheck = LogCheck & {
  /** A message that was there before the scan comes to the end of the log. */
  readonly expect: (message: StoredMessage) => void;
};

/** How many streams are read side by side. */
const READS = 32;

/**
 * Looks for the dispatch behind each message. There must be one before the end of the log: a dispatch is
 * logged before it is sent.
 *
 * @param read    for what the scan did not come by, in a window
 * @param isGone  of a stream whose events are gone no message can be held against them
 */
export const messageCheck = (
  read: (stream: string) => Promise<readonly RecordedEvent[]>,
  isGone: (stream: string) => boolean = () => false,
): MessageCheck => {
  const wanted = new Map<string, readonly Claimed[]>();
  const senseless: Violation[] = [];

  const settle = (stream: string, revision: bigint, attempt: number | undefined): void => {
    const its = wanted.get(stream);
    const left = its?.filter((one) => one.revision !== revision || one.attempt !== attempt);
    if (!left) return;
    if (left.length > 0) wanted.set(stream, left);
    else wanted.delete(stream);
  };

  const search = async (stream: string): Promise<readonly Violation[]> => {
    const events = await read(stream);
    for (const event of events)
      if (isDispatch(event))
        settle(stream, event.revision, attemptIn(recordedFact(jobKinds, event)));
    if (isGone(stream)) return [];
    return (wanted.get(stream) ?? []).map((claimed) =>
      noDispatch(
        claimed,
        events.find(({ revision }) => revision === claimed.revision),
      ),
    );
  };

  return {
    expect: (message) => {
      const claimed = claimedBy(message);
      if (typeof claimed === 'string') senseless.push(unbacked(nameOf(message), claimed));
      else wanted.set(claimed.stream, [...(wanted.get(claimed.stream) ?? []), claimed]);
    },
    take: (batch: readonly StoredBytes[]) => {
      if (wanted.size === 0) return;
      for (const stored of batch)
        if (isDispatch(stored) && wanted.has(stored.stream))
          settle(stored.stream, stored.revision, attemptIn(storedFact(jobKinds, stored)));
    },
    end: async () => {
      const found: Violation[] = [...senseless];
      const streams = [...wanted.keys()];
      while (streams.length > 0)
        found.push(...(await Promise.all(streams.splice(0, READS).map(search))).flat());
      return found;
    },
  };
};
