import type { AppendOutcome, ProposedEvent, WriteRequest } from '../core/events';
import type { Call, Handler } from '../transport/call';
import {
  accessDenied,
  appendTooLarge,
  type CallError,
  badRequest,
  outcomeUnknown,
  streamDeleted,
  wrongExpectedVersion,
} from '../wire/call-error';
import {
  decodeAppendPart,
  decodeDelete,
  decodeTombstone,
  type WriteTarget,
} from '../wire/requests';
import {
  encodeAppendConflict,
  encodeAppendSuccess,
  encodeDeleted,
  encodeTombstoned,
} from '../wire/responses';
import { eventBytes, eventTypeFault, streamNameFault } from './append-limits';
import type { HandlerDeps } from './deps';
import { onlyRequest } from './only-request';

const written = ({ write }: HandlerDeps, request: WriteRequest): Promise<AppendOutcome> =>
  new Promise((resolve) => write(request, resolve));

const refuse = (fault: string | undefined): void => {
  if (fault !== undefined) throw badRequest(fault);
};

const failure = (
  { stream, expected }: WriteTarget,
  outcome: Exclude<AppendOutcome, { readonly outcome: 'appended' }>,
): CallError => {
  switch (outcome.outcome) {
    case 'wrong-expected-revision':
      return wrongExpectedVersion(stream, expected, outcome.current);
    case 'stream-deleted':
      return streamDeleted(stream);
    case 'access-denied':
      return accessDenied();
    case 'unknown':
      return outcomeUnknown();
  }
};

const readAppend = async (
  call: Call,
  { maxAppendBytes }: Pick<HandlerDeps, 'maxAppendBytes'>,
): Promise<{ readonly target: WriteTarget; readonly events: readonly ProposedEvent[] }> => {
  let target: WriteTarget | undefined;
  let bytes = 0;
  const events: ProposedEvent[] = [];
  for await (const messages of call.requests) {
    // a refusal waits for the end: a client that still sends would see its call cut off instead
    if (bytes > maxAppendBytes) continue;
    for (const part of messages.map(decodeAppendPart)) {
      if (part.kind === 'options') {
        target = part.target;
        continue;
      }
      bytes += eventBytes(part.event);
      events.push(part.event);
    }
  }
  if (bytes > maxAppendBytes) throw appendTooLarge(maxAppendBytes);
  for (const { type } of events) refuse(eventTypeFault(type));
  if (!target) throw badRequest('an append without options');
  refuse(streamNameFault(target.stream));
  return { target, events };
};

/** Append: one call an append, which the client uses when a call has credentials of its own. */
export const append =
  (deps: HandlerDeps): Handler =>
  async (call) => {
    const { target, events } = await readAppend(call, deps);
    const outcome = await written(deps, { kind: 'append', ...target, events });
    if (outcome.outcome === 'appended')
      call.send([encodeAppendSuccess(outcome.revision, outcome.sequence)]);
    else if (outcome.outcome === 'wrong-expected-revision')
      call.send([encodeAppendConflict(target.expected, outcome.current)]);
    else throw failure(target, outcome);
  };

const deletion =
  (
    deps: HandlerDeps,
    kind: 'soft-delete' | 'tombstone',
    decode: (message: Buffer) => WriteTarget,
    encode: (sequence: number) => Buffer,
  ): Handler =>
  async (call) => {
    const target = decode(await onlyRequest(call));
    refuse(streamNameFault(target.stream));
    const outcome = await written(deps, { kind, ...target });
    if (outcome.outcome !== 'appended') throw failure(target, outcome);
    call.send([encode(outcome.sequence ?? 0)]);
  };

export const softDelete = (deps: HandlerDeps): Handler =>
  deletion(deps, 'soft-delete', decodeDelete, encodeDeleted);

export const tombstone = (deps: HandlerDeps): Handler =>
  deletion(deps, 'tombstone', decodeTombstone, encodeTombstoned);
