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
import type {
  AppendOutcome,
  Draw,
  EventLog,
  ExpectedRevision,
  NewEvent,
  NewestEvents,
  RecordedEvent,
} from '../../commands/ports';
import { AppendOutcomeUnknown, EventLogUnavailable, StreamGone } from '../../commands/ports';
import { clientHealer, failureOf, hasType } from './failures';
import { toRecordedEvent } from './recorded-event';
import type { NoAnswer } from './retry';
import { retried } from './retry';

export type EventLogOptions = {
  /** Longest time of a call with all its tries, in ms; 5,000 unless told. */
  readonly deadlineMs?: number;
  /** Silence after which a call is sent once more, in ms; 1,500 unless told. */
  readonly tryMs?: number;
  /** Spreads retries; `Math.random` unless told. */
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

const outage = (call: string, { wasSent, deadlineMs, cause }: NoAnswer): Error => {
  const Outage = wasSent ? AppendOutcomeUnknown : EventLogUnavailable;
  return new Outage(`${call}: no answer from the event store within ${deadlineMs} ms`, { cause });
};

type Reading = StreamingRead<ResolvedEvent> | StreamingRead<AllStreamResolvedEvent>;

const resolvedBy = (
  reading: Reading,
  release: (free: () => void) => void,
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

const read = async (
  client: Client,
  stream: string,
  release: (free: () => void) => void,
  which: ReadStreamOptions,
): Promise<readonly RecordedEvent[]> => {
  const resolved = await resolvedBy(client.readStream(stream, which), release);
  return resolved.flatMap((event) => toRecordedEvent(event) ?? []);
};

/**
 * Where an event lies that was appended before: where its stream says, or, when the stream has been truncated
 * meanwhile, where the log ends now. Who waits until a read model is there sees the event either way.
 */
const positionOf = async (
  client: Client,
  stream: string,
  revision: bigint,
  release: (free: () => void) => void,
): Promise<bigint> => {
  const there = client.readStream(stream, { fromRevision: revision, maxCount: 1 });
  const [found] = await resolvedBy(there, release);
  if (found?.event?.revision === revision) return toRecordedEvent(found)?.position ?? 0n;
  const newest = client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 });
  const [last] = await resolvedBy(newest, release);
  return (last && toRecordedEvent(last)?.position) ?? 0n;
};

/**
 * The event log in an EventStoreDB.
 *
 * Calls are sent again until answered or out of time: the client gives appends no deadline, drops those under
 * way when its connection breaks, and the server knows a repeated append by its event ids.
 */
export const eventStoreLog = (
  client: EventStoreDBClient,
  options: EventLogOptions = {},
): EventLog & NewestEvents => {
  const { deadlineMs = 5_000, tryMs = 1_500, draw = Math.random } = options;
  const heal = clientHealer(client);
  const retry = {
    deadlineMs,
    tryMs,
    draw,
    failureOf: (error: unknown) => {
      heal(error);
      return failureOf(error);
    },
  };
  const readWith = (stream: string, which: ReadStreamOptions): Promise<readonly RecordedEvent[]> =>
    retried(
      (release) => read(client, stream, release, which),
      (told) => outage(`read of ${stream}`, { ...told, wasSent: false }), // a read records nothing
      retry,
    ).catch(goneOr(stream));
  return {
    append: async (stream, events, expected) => {
      const data = events.map(toEventData);
      const expectedRevision = toClientRevision(expected);
      const done = await retried(
        () =>
          client
            .appendToStream(stream, data, { expectedRevision, deadline: SERVER_DEADLINE_MS })
            .then(toOutcome, conflictOr),
        (told) => outage(`append to ${stream}`, told),
        retry,
      ).catch(goneOr(stream));
      if (done.outcome !== 'unplaced') return done;
      const { revision } = done;
      const position = await retried(
        (release) => positionOf(client, stream, revision, release),
        // it is done, so to say that nothing was recorded would be wrong
        (told) => outage(`place of an append to ${stream}`, { ...told, wasSent: true }),
        retry,
      );
      return { outcome: 'appended', revision, position };
    },
    read: (stream) => readWith(stream, {}),
    newest: async (stream) => (await readWith(stream, NEWEST)).at(-1),
  };
};
