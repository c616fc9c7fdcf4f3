import type {
  AppendExpectedRevision,
  AppendResult,
  EventStoreDBClient,
  JSONEventData,
  ResolvedEvent,
} from '@eventstore/db-client';
import { ErrorType, NO_STREAM, jsonEvent } from '@eventstore/db-client';
import type {
  AppendOutcome,
  Draw,
  EventLog,
  ExpectedRevision,
  NewEvent,
  RecordedEvent,
} from '../../commands/ports';
import { AppendOutcomeUnknown, EventLogUnavailable } from '../../commands/ports';
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

type Client = Pick<EventStoreDBClient, 'appendToStream' | 'readStream'>;

/**
 * The client sends it as a moment of our wall clock, and the server holds it against its own: with one that is
 * behind by more, every append would be too late on arrival. So it is far away; our own limits count time.
 */
const SERVER_DEADLINE_MS = 7 * 24 * 3_600_000;

const CONFLICT: AppendOutcome = { outcome: 'conflict' };

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

const toOutcome = ({ nextExpectedRevision, position }: AppendResult): AppendOutcome => {
  if (!position) throw new TypeError('the event store tells no positions: it is too old');
  return { outcome: 'appended', revision: nextExpectedRevision, position: position.commit };
};

const conflictOr = (error: unknown): AppendOutcome => {
  if (hasType(error, ErrorType.WRONG_EXPECTED_VERSION)) return CONFLICT;
  throw error;
};

const outage = (call: string, { wasSent, deadlineMs, cause }: NoAnswer): Error => {
  const Outage = wasSent ? AppendOutcomeUnknown : EventLogUnavailable;
  return new Outage(`${call}: no answer from the event store within ${deadlineMs} ms`, { cause });
};

const readResolved = (
  client: Client,
  stream: string,
  release: (free: () => void) => void,
): Promise<readonly ResolvedEvent[]> =>
  new Promise((resolve, reject) => {
    const resolved: ResolvedEvent[] = [];
    const reading = client.readStream(stream);
    release(() => {
      if (reading.readableEnded) return;
      reading.cancel().catch(() => undefined); // there is no call to cancel
      reading.destroy();
    });
    reading.on('data', (event) => resolved.push(event));
    reading.on('end', () => {
      resolve(resolved);
    });
    reading.on('error', (error) => {
      if (hasType(error, ErrorType.STREAM_NOT_FOUND)) resolve([]);
      else reject(error);
    });
  });

const read = async (
  client: Client,
  stream: string,
  release: (free: () => void) => void,
): Promise<readonly RecordedEvent[]> => {
  const resolved = await readResolved(client, stream, release);
  return resolved.flatMap((event) => toRecordedEvent(event) ?? []);
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
): EventLog => {
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
  return {
    append: (stream, events, expected) => {
      const data = events.map(toEventData);
      const expectedRevision = toClientRevision(expected);
      return retried(
        () =>
          client
            .appendToStream(stream, data, { expectedRevision, deadline: SERVER_DEADLINE_MS })
            .then(toOutcome, conflictOr),
        (told) => outage(`append to ${stream}`, told),
        retry,
      );
    },
    read: (stream) =>
      retried(
        (release) => read(client, stream, release),
        (told) => outage(`read of ${stream}`, { ...told, wasSent: false }), // a read records nothing
        retry,
      ),
  };
};
