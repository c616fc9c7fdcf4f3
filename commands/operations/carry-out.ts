import { operationStream } from '../../domain/ids';
import type { OperationCommand } from '../../domain/operation/commands';
import { operation as decider } from '../../domain/operation/decide';
import type { OperationEvent } from '../../domain/operation/events';
import type { KnownOperation } from '../../domain/operation/state';
import { toTimestamp } from '../../domain/time';
import type { HandleDeps } from '../handle';
import { newEvents } from '../new-events';

/** `stale`: the operation has moved on since it was read; nothing was recorded. */
export type CarriedOut =
  | {
      readonly outcome: 'recorded';
      readonly revision: bigint;
      readonly events: readonly OperationEvent[];
      /** The operation after them. */
      readonly operation: KnownOperation;
    }
  | { readonly outcome: 'stale' };

const actor = { kind: 'system', id: 'bulk-changer' } as const;

/**
 * Records what the process that carries out operations has done, at the revision that it saw.
 *
 * @throws EventLogUnavailable, AppendOutcomeUnknown
 */
export const carryOut = async (
  { log, ids, clock }: HandleDeps,
  operationId: string,
  known: KnownOperation,
  command: OperationCommand,
): Promise<CarriedOut> => {
  const decision = decider.decide(command, known);
  if (decision.outcome === 'rejected') return { outcome: 'stale' };
  const { events } = decision;
  const at = clock.now();
  const stream = operationStream(operationId);
  const metadata = {
    $correlationId: operationId,
    $causationId: `${stream}@${known.revision}`,
    // two may record different things at one revision: each append is its own
    commandId: ids.next(),
    actor,
    at: toTimestamp(at),
  };
  const seeded = newEvents(ids, events, metadata.commandId, metadata);
  const appended = await log.append(stream, seeded, known.revision);
  if (appended.outcome === 'conflict') return { outcome: 'stale' };
  let operation: ReturnType<typeof decider.evolve> = known;
  for (const [index, event] of events.entries()) {
    const revision = known.revision + 1n + BigInt(index);
    operation = decider.evolve(operation, { ...event, at, revision });
  }
  if (operation.status === 'none') throw new Error(`${stream} has come to nothing`);
  return { outcome: 'recorded', revision: appended.revision, events, operation };
};
