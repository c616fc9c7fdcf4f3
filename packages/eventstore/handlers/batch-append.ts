import type { AppendOutcome, ExpectedRevision, ProposedEvent } from '../core/events';
import { gate } from '../core/gate';
import type { Call, Handler } from '../transport/call';
import {
  decodeBatchAppend,
  encodeBatchAppendError,
  encodeBatchAppendSuccess,
  type BatchAppendError,
  type BatchAppendMessage,
  type BatchAppendOptions,
  type WireEvent,
} from '../wire/batch-append';
import { badRequest } from '../wire/call-error';
import { MalformedMessageError } from '../wire/protobuf';
import { eventBytes, eventTypeFault, streamNameFault } from './append-limits';
import { watchDeadlines } from './deadlines';
import type { HandlerDeps } from './deps';

/** Appends of one call that wait for their commit; past either bound the call is read no further. */
const maxInFlight = 4_096;
const maxInFlightBytes = 32 * 1024 * 1024;

/** An append of which all messages have come. */
type Whole = Pick<BatchAppendMessage, 'correlationId' | 'options' | 'events'>;

/** An append that comes in several messages; past the size limit its events are counted and dropped. */
type Part = {
  readonly correlationId: Buffer;
  readonly options: BatchAppendOptions | undefined;
  readonly events: WireEvent[];
  bytes: number;
};

type Checked =
  | {
      readonly ok: true;
      readonly expected: ExpectedRevision;
      readonly deadlineMs: number;
      readonly events: readonly ProposedEvent[];
      readonly bytes: number;
    }
  | { readonly ok: false; readonly error: BatchAppendError };

const bad = (message: string): Checked => ({ ok: false, error: { type: 'BadRequest', message } });

const check = (
  options: BatchAppendOptions | undefined,
  proposed: readonly WireEvent[],
  maxAppendBytes: number,
): Checked => {
  if (options?.expected === undefined) return bad('an append without an expected revision');
  const fault = streamNameFault(options.stream);
  if (fault !== undefined) return bad(fault);
  let bytes = 0;
  const events: ProposedEvent[] = [];
  for (const event of proposed) {
    const { type } = event;
    if (!type) return bad('an event has no type');
    const typeFault = eventTypeFault(type);
    if (typeFault !== undefined) return bad(typeFault);
    const { id, isJson, data, metadata } = event;
    const whole = { id, type, isJson, data, metadata };
    bytes += eventBytes(whole);
    events.push(whole);
  }
  if (bytes > maxAppendBytes)
    return { ok: false, error: { type: 'MaximumAppendSizeExceeded', limitBytes: maxAppendBytes } };
  const { expected, deadlineMs } = options;
  return { ok: true, expected, deadlineMs, events, bytes };
};

const reply = (
  correlationId: Buffer,
  stream: string,
  expected: ExpectedRevision,
  outcome: AppendOutcome,
): Buffer => {
  switch (outcome.outcome) {
    case 'appended':
      return encodeBatchAppendSuccess(correlationId, outcome.revision, outcome.sequence);
    case 'wrong-expected-revision':
      return encodeBatchAppendError(correlationId, stream, {
        type: 'WrongExpectedVersion',
        current: outcome.current,
        expected,
      });
    case 'stream-deleted':
      return encodeBatchAppendError(correlationId, stream, { type: 'StreamDeleted' });
    case 'access-denied':
      return encodeBatchAppendError(correlationId, stream, { type: 'AccessDenied' });
    case 'unknown':
      return encodeBatchAppendError(correlationId, stream, { type: 'Timeout' });
  }
};

const decode = (message: Buffer): BatchAppendMessage => {
  try {
    return decodeBatchAppend(message);
  } catch (error) {
    if (error instanceof MalformedMessageError) throw badRequest(error.message);
    throw error;
  }
};

/** Joins the messages of each append; gives the whole append with its final message. */
const assembler = (maxAppendBytes: number) => {
  const parts = new Map<string, Part>();
  return (message: BatchAppendMessage): Whole | undefined => {
    const { correlationId, options, events, isFinal } = message;
    if (isFinal && parts.size === 0) return message;
    const key = correlationId.toString('latin1');
    const begun = parts.get(key) ?? { correlationId, options, events: [], bytes: 0 };
    for (const event of events) {
      if (begun.bytes > maxAppendBytes) break;
      begun.bytes += eventBytes(event);
      begun.events.push(event);
    }
    if (isFinal) parts.delete(key);
    else parts.set(key, begun);
    return isFinal ? begun : undefined;
  };
};

/** BatchAppend: one call for all appends of a client; each correlation id is answered once, in commit order. */
export const batchAppend =
  ({ write, nowMs, maxAppendBytes }: HandlerDeps): Handler =>
  async ({ requests, send, drained, signal }: Call) => {
    const room = gate();
    const assemble = assembler(maxAppendBytes);
    const deadlines = watchDeadlines(nowMs);
    let inFlight = 0;
    let inFlightBytes = 0;

    const append = ({ correlationId, options, events }: Whole): void => {
      const stream = options?.stream ?? '';
      const refuse = (error: BatchAppendError): void =>
        send([encodeBatchAppendError(correlationId, stream, error)]);
      const checked = check(options, events, maxAppendBytes);
      if (!checked.ok) {
        refuse(checked.error);
        return;
      }
      const { expected, deadlineMs, bytes } = checked;
      inFlight += 1;
      inFlightBytes += bytes;
      // it may be stored yet: the client has to take this as unknown
      const isDone = deadlines.add(deadlineMs, () => refuse({ type: 'Timeout' }));
      const request = {
        kind: 'append',
        stream,
        expected,
        events: checked.events,
        deadlineMs,
      } as const;
      write(request, (outcome) => {
        inFlight -= 1;
        inFlightBytes -= bytes;
        room.open();
        if (isDone() && !signal.aborted) send([reply(correlationId, stream, expected, outcome)]);
      });
    };

    try {
      for await (const messages of requests) {
        for (const message of messages) {
          const whole = assemble(decode(message));
          if (whole) append(whole);
        }
        while (inFlight >= maxInFlight || inFlightBytes >= maxInFlightBytes) await room.wait();
        await drained(); // who does not read its answers is not read either
      }
      while (inFlight > 0 && !signal.aborted) await room.wait();
    } finally {
      deadlines.close();
    }
  };
