import { foldAppended, reject } from '../../domain/decider';
import { isObject } from '../../domain/events/fields';
import { operationStream } from '../../domain/ids';
import type { OperationCommand } from '../../domain/operation/commands';
import { operation as decider, undoOf } from '../../domain/operation/decide';
import type { OperationDefinition } from '../../domain/operation/definition';
import type { OperationEvent } from '../../domain/operation/events';
import type { KnownOperations } from '../../domain/operation/known-operations';
import type { KnownOperation, OperationState } from '../../domain/operation/state';
import type { Instant } from '../../domain/time';
import type { CommandContext } from '../answers';
import { appendKeyed, commandIdOf } from '../append-request';
import { decideAndAppend } from '../decide-and-append';
import type { HandleDeps } from '../handle';
import type {
  OperationAccepted,
  OperationAnswer,
  OperationCommandRejection,
} from './operation-answers';
import { loadOperation, loadOperationFor, type LoadedOperation } from './operation-stream';

export type OperationCommandDeps = HandleDeps & { readonly known: KnownOperations };

export type AskedOperation = Omit<OperationDefinition, 'ownerId' | 'role'> & {
  /** Of one whose jobs are named: each once. */
  readonly jobIds?: readonly string[];
};

/** What a user may ask of an operation. Every call may throw as `EventLog` does, and OperationUnreadable. */
export type OperationCommands = {
  readonly start: (asked: AskedOperation, context: CommandContext) => Promise<OperationAnswer>;
  /** The answer to an earlier start with the same key; undefined without a key or such an answer. */
  readonly startedBefore: (context: CommandContext) => Promise<OperationAnswer | undefined>;
  readonly stop: (
    operationId: string,
    reason: string | undefined,
    context: CommandContext,
  ) => Promise<OperationAnswer>;
  /** Starts the operation that undoes another, once: asked again it is the same one. */
  readonly undo: (
    operationId: string,
    reason: string | undefined,
    context: CommandContext,
  ) => Promise<OperationAnswer>;
  /** The operation as its stream has it now; a foreign one is `none`. */
  readonly load: (operationId: string, context: CommandContext) => Promise<OperationState>;
};

type Order = {
  readonly operationId: string;
  readonly commandId: string;
  readonly context: CommandContext;
  readonly command: OperationCommand;
};

/** What a command is about that starts an operation. */
const NEW_OPERATION = 'operations';

/** An operation has few writers: the process that carries it out, and who stops it. */
const MAX_ROUNDS = 10;

const rejected = (rejection: OperationCommandRejection): OperationAnswer => ({
  outcome: 'rejected',
  rejection,
});

const roleOf = ({ actor }: CommandContext): OperationDefinition['role'] =>
  actor.kind === 'operator' ? 'operator' : 'user';

/** Whether the key of a request came with another one. */
const isReused = (metadata: unknown, commandId: string, { idempotency }: CommandContext): boolean =>
  idempotency !== undefined &&
  isObject(metadata) &&
  metadata['commandId'] === commandId &&
  metadata['fingerprint'] !== idempotency.fingerprint;

export const operationCommands = (deps: OperationCommandDeps): OperationCommands => {
  const { log, ids, known } = deps;

  const newOperation = ({ idempotency, actor }: CommandContext): string =>
    idempotency ? ids.derive('operation', actor.id, idempotency.key) : ids.next();

  const accepted = (
    operationId: string,
    operation: KnownOperation,
    more: Partial<OperationAccepted> = {},
  ): OperationAnswer => ({
    ...{ outcome: 'accepted', operationId, operation, position: 0n, isReplay: false },
    ...more,
  });

  /** The answer to an earlier start; undefined where there is no such operation yet. */
  const startedAs = async (
    operationId: string,
    target: string,
    context: CommandContext,
    { state, position = 0n }: LoadedOperation,
  ): Promise<OperationAnswer | undefined> => {
    if (state.status === 'none') return undefined;
    const [first] = await log.read(operationStream(operationId), 0n, 1);
    return isReused(first?.metadata, commandIdOf(ids, target, context), context)
      ? rejected({ code: 'idempotency-key-reused' })
      : accepted(operationId, state, { position, isReplay: true });
  };

  const append = async (
    { operationId, ...order }: Order,
    events: readonly OperationEvent[],
    state: OperationState,
    at: Instant,
  ) => {
    const expected = state.status === 'none' ? 'no-stream' : state.revision;
    const stream = operationStream(operationId);
    const asked = { stream, subjectId: operationId, ...order, expected } as const;
    const appended = await appendKeyed(deps, asked, events, at);
    return appended.outcome === 'rejected' ? reject(rejected(appended.rejection)) : appended;
  };

  /** @param settled  what needs no decision: a repeat, a stale If-Match */
  const handle = async (
    order: Order,
    load: () => Promise<LoadedOperation>,
    settled: (loaded: LoadedOperation) => Promise<OperationAnswer | undefined>,
  ): Promise<OperationAnswer> => {
    type Loaded = LoadedOperation & { readonly earlier?: OperationAnswer };
    const done = await decideAndAppend<Loaded, OperationEvent, OperationAnswer>(deps, {
      maxRounds: MAX_ROUNDS,
      load: async () => {
        const loaded = await load();
        const earlier = await settled(loaded);
        return { ...loaded, ...(earlier && { earlier }) };
      },
      decide: (_at, { state, earlier }) => {
        if (earlier) return reject(earlier);
        const decision = decider.decide(order.command, state);
        return decision.outcome === 'rejected' ? reject(rejected(decision.rejection)) : decision;
      },
      append: (events, { state }, at) => append(order, events, state, at),
    });
    if (done.outcome === 'contended') return done;
    if (done.outcome === 'rejected') return done.rejection;
    const { state, position = 0n } = done.loaded;
    const after = done.outcome === 'appended' ? foldAppended(decider.evolve, state, done) : state;
    if (after.status === 'none') return rejected({ code: 'operation-not-found' });
    const at = done.outcome === 'appended' ? done.position : position;
    return accepted(order.operationId, after, { position: at });
  };

  const begin = (
    operationId: string,
    target: string,
    definition: OperationDefinition,
    jobIds: readonly string[] | undefined,
    context: CommandContext,
  ): Promise<OperationAnswer> =>
    handle(
      {
        operationId,
        commandId: commandIdOf(ids, target, context),
        context,
        command: { type: 'StartOperation', definition, ...(jobIds && { jobIds }) },
      },
      () => loadOperation(log, known, operationId),
      (loaded) => startedAs(operationId, target, context, loaded),
    );

  const staleness = (
    { ifMatch }: CommandContext,
    { state }: LoadedOperation,
  ): OperationAnswer | undefined => {
    const isStale = state.status !== 'none' && ifMatch !== undefined && ifMatch !== state.revision;
    return isStale ? rejected({ code: 'revision-mismatch', revision: state.revision }) : undefined;
  };

  return {
    start: ({ jobIds, ...asked }, context) =>
      begin(
        newOperation(context),
        NEW_OPERATION,
        { ownerId: context.actor.id, role: roleOf(context), ...asked },
        jobIds,
        context,
      ),
    startedBefore: async (context) => {
      if (!context.idempotency) return undefined;
      const operationId = newOperation(context);
      return await startedAs(
        operationId,
        NEW_OPERATION,
        context,
        await loadOperation(log, known, operationId),
      );
    },
    stop: (operationId, reason, context) =>
      handle(
        {
          operationId,
          commandId: commandIdOf(ids, operationId, context),
          context,
          command: { type: 'StopOperation', ...(reason !== undefined && { reason }) },
        },
        () => loadOperationFor(log, known, operationId, context.actor),
        (loaded) => Promise.resolve(staleness(context, loaded)),
      ),
    undo: async (operationId, reason, context) => {
      const loaded = await loadOperationFor(log, known, operationId, context.actor);
      if (loaded.state.status === 'none') return rejected({ code: 'operation-not-found' });
      const stale = staleness(context, loaded);
      if (stale) return stale;
      // whose operation it was, theirs is the undo: an operator who undoes it does so for them
      const { ownerId, role } = loaded.state.definition;
      const by = { ownerId, role, ...(reason !== undefined && { reason }) };
      const undo = undoOf(operationId, loaded.state, by);
      if ('rejection' in undo) return rejected(undo.rejection);
      const undoing = ids.derive('operation', 'undo', operationId);
      return await begin(undoing, undoing, undo.definition, undefined, context);
    },
    load: async (operationId, { actor }) =>
      (await loadOperationFor(log, known, operationId, actor)).state,
  };
};
