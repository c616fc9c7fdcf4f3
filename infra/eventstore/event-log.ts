import type {
  AllStreamResolvedEvent,
  AppendExpectedRevision,
  AppendResult,
  EventStoreDBClient,
  JSONEventData,
  ReadStreamOptions,
  ResolvedEvent,
  StreamingRead,
} from '@eventstore/db-client';
import { BACKWARDS, END, ErrorType, NO_STREAM, jsonEvent } from '@eventstore/db-client';
import type { Draw } from '../../domain/chance';
import type {
  AppendOutcome,
  EventLog,
  ExpectedRevision,
  NewEvent,
  NewestEvents,
  RecordedEvent,
} from '../../domain/event-log';
import {
  AppendOutcomeUnknown,
  EventLogRefused,
  EventLogUnavailable,
  StreamGone,
} from '../../domain/event-log';
import { clientHealer, failureOf, hasType, refusalOf } from './failures';
import { positionIn, toRecordedEvent } from './recorded-event';
import type { NoAnswer, Try } from './retry';
import { retried } from './retry';
import type { StreamNames } from './stream-names';

export type EventLogOptions = {
  /** Longest time of a call with all its tries, in ms; by default 5,000. */
  readonly deadlineMs?: number;
  /** Silence after which a call is sent once more, in ms; by default 1,500. */
  readonly tryMs?: number;
  /** Spreads retries; by default `Math.random`. */
  readonly draw?: Draw;
};

type Client = Pick<EventStoreDBClient, 'appendToStream' | 'readStream' | 'readAll'>;

/**
 * The client sends it as a moment of our wall clock, and the server holds it against its own: with one that is
 * behind by more, every append would be too late on arrival. So it is far away; our own limits count time.
 */
const SERVER_DEADLINE_MS = 7 * 24 * 3_600_000;

const CONFLICT: AppendOutcome = { outcome: 'conflict' };

const NEWEST = { direction: BACKWARDS, fromRevision: END, maxCount: 1 } as const;

const encoder = new TextEncoder();

const toEventData = ({ id, type, data, metadata }: NewEvent): JSONEventData =>
  jsonEvent({
    id,
    type,
    // the client's types ask for index signatures, which types of known fields do not have
    data: data as Record<string, unknown>,
    // the same bytes that the client would send, without its way over base64, which it decodes twice
    metadata: encoder.encode(JSON.stringify(metadata)),
  });

const toClientRevision = (expected: ExpectedRevision): AppendExpectedRevision =>
  expected === 'no-stream' ? NO_STREAM : expected;

/** Done, but a server does not always say where a repeated append lies. */
type Unplaced = { readonly outcome: 'unplaced'; readonly revision: bigint };

const toOutcome = ({
  nextExpectedRevision: revision,
  position,
}: AppendResult): AppendOutcome | Unplaced =>
  position
    ? { outcome: 'appended', revision, position: position.commit }
    : { outcome: 'unplaced', revision };

const conflictOr = (error: unknown): AppendOutcome => {
  if (hasType(error, ErrorType.WRONG_EXPECTED_VERSION)) return CONFLICT;
  throw error;
};

const goneOr =
  (stream: string) =>
  (error: unknown): never => {
    if (!hasType(error, ErrorType.STREAM_DELETED)) throw error;
    throw new StreamGone(`${stream} was deleted for good`, { cause: error });
  };

const outage = (call: string, { mayBeDone, waitedMs, cause }: NoAnswer): Error => {
  const Outage = mayBeDone ? AppendOutcomeUnknown : EventLogUnavailable;
  return new Outage(`${call}: no answer from the event store within ${waitedMs} ms`, { cause });
};

/** A refusal as what it means; what is our bug stays what it is. */
const refused = (call: string, error: unknown): unknown => {
  const because = refusalOf(error);
  if (because === undefined) return error;
  return new EventLogRefused(`${call}: refused by the event store`, because, { cause: error });
};

/** The answer to the client's first question, which it keeps for the connection. */
type Asking = { readonly capabilities?: Promise<unknown> };

type Reading = StreamingRead<ResolvedEvent> | StreamingRead<AllStreamResolvedEvent>;

const resolvedBy = (
  reading: Reading,
  release: Try['release'],
): Promise<readonly (ResolvedEvent | AllStreamResolvedEvent)[]> =>
  new Promise((resolve, reject) => {
    const resolved: (ResolvedEvent | AllStreamResolvedEvent)[] = [];
    release(() => {
      if (reading.readableEnded) return;
      reading.cancel().catch(() => undefined); // there is no call to cancel
      reading.destroy();
    });
    reading.on('data', (event: ResolvedEvent | AllStreamResolvedEvent) => resolved.push(event));
    reading.on('end', () => {
      resolve(resolved);
    });
    reading.on('error', (error: unknown) => {
      if (hasType(error, ErrorType.STREAM_NOT_FOUND)) resolve([]);
      else reject(error instanceof Error ? error : new Error(String(error)));
    });
  });

/**
 * Where an event lies that was appended before: where its stream says, or, when the stream has been truncated
 * meanwhile, where the log ends now. Who waits until a read model is there sees the event either way.
 */
const positionOf = async (
  client: Client,
  stream: string,
  revision: bigint,
  release: Try['release'],
): Promise<bigint> => {
  const there = client.readStream(stream, { fromRevision: revision, maxCount: 1 });
  const [found] = await resolvedBy(there, release);
  if (found?.event?.revision === revision) return positionIn(found);
  const newest = client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 });
  const [last] = await resolvedBy(newest, release);
  return last ? positionIn(last) : 0n;
};

/**
 * The event log in an EventStoreDB.
 *
 * Calls are sent again until answered or out of time: the client gives appends no deadline, drops those under
 * way when its connection breaks, and the server knows a repeated append by its event ids.
 */
export const eventStoreLog = (
  client: EventStoreDBClient,
  names: StreamNames,
  options: EventLogOptions = {},
): EventLog & NewestEvents => {
  const { deadlineMs = 5_000, tryMs = 1_500, draw = Math.random } = options;
  const health = clientHealer(client);
  const retry = {
    deadlineMs,
    tryMs,
    isServing: health.hasHeardSince,
    draw,
    failureOf: (error: unknown, wasSent: boolean) => {
      health.failed(error);
      return failureOf(error, wasSent);
    },
  };
  /** One call with all its tries. @param told  what is known of its effect, whatever the tries tell */
  const call = async <T>(
    name: string,
    send: (one: Try) => Promise<T>,
    told?: Partial<NoAnswer>,
  ): Promise<T> => {
    const startedMs = performance.now();
    try {
      const answer = await retried(
        send,
        (none) => {
          health.silent(startedMs);
          return outage(name, { ...none, ...told });
        },
        retry,
      );
      health.answered();
      return answer;
    } catch (error) {
      throw refused(name, error);
    }
  };
  const readWith = async (
    own: string,
    which: ReadStreamOptions,
  ): Promise<readonly RecordedEvent[]> => {
    const stream = names.stored(own);
    const resolved = await call(
      `read of ${stream}`,
      ({ release }) => resolvedBy(client.readStream(stream, which), release),
      { mayBeDone: false }, // a read records nothing
    ).catch(goneOr(stream));
    return resolved.flatMap((event) => toRecordedEvent(event, names) ?? []);
  };
  return {
    append: async (own, events, expected) => {
      const stream = names.stored(own);
      const data = events.map(toEventData);
      const expectedRevision = toClientRevision(expected);
      const done = await call(`append to ${stream}`, async ({ sent }) => {
        await (client as unknown as Asking).capabilities; // protected in its types
        sent();
        return await client
          .appendToStream(stream, data, { expectedRevision, deadline: SERVER_DEADLINE_MS })
          .then(toOutcome, conflictOr);
      }).catch(goneOr(stream));
      if (done.outcome !== 'unplaced') return done;
      const { revision } = done;
      const position = await call(
        `place of an append to ${stream}`,
        ({ release }) => positionOf(client, stream, revision, release),
        { mayBeDone: true }, // it is done, so to say that nothing was recorded would be wrong
      );
      return { outcome: 'appended', revision, position };
    },
    read: (stream, from, limit) =>
      readWith(stream, {
        ...(from !== undefined && { fromRevision: from }),
        ...(limit !== undefined && { maxCount: limit }),
      }),
    newest: async (stream) => (await readWith(stream, NEWEST)).at(-1),
  };
};
