import { LRUCache } from 'lru-cache';
import { carryOut } from '../../commands/operations/carry-out';
import { changeItem } from '../../commands/operations/change-item';
import type { HandleDeps } from '../../commands/handle';
import { inBatches } from '../../domain/operation/batches';
import type { OperationCommand } from '../../domain/operation/commands';
import { readWrittenFilter, selected } from '../../domain/operation/definition';
import { MAX_ITEMS } from '../../domain/operation/limits';
import { toldOutcome, type ItemOutcome } from '../../domain/operation/outcomes';
import type { KnownOperation } from '../../domain/operation/state';
import type { Brake } from '../../projections/reading/pace';
import type { OpenOperation, OpenOperations } from '../../projections/queries/operations/open';
import type {
  OperationSelection,
  SelectedJobs,
} from '../../projections/queries/operations/selection';
import type { Done } from '../runtime/contained';
import type { Timers } from '../runtime/timers';
import type { BulkChangerMetrics } from './metrics';
import type { BulkChangerSettings } from './settings';

export type TurnDeps = HandleDeps & {
  readonly open: OpenOperations;
  readonly selection: Pick<OperationSelection, 'byFilter' | 'changedBy'>;
  readonly metrics: BulkChangerMetrics;
};

export type TurnTools = {
  readonly settings: BulkChangerSettings;
  readonly timers: Pick<Timers, 'monotonicMs'>;
  readonly brake: Brake;
};

/** Operations that were carried on lately and that the read model may show as they were before. */
const KEPT_REVISIONS = 10_000;
/** Batches of one append: some 400 KB. */
const BATCHES_AT_ONCE = 50;
/** Jobs that are paid for at once, so that they come evenly. */
const STRIDE = 20;

const TOO_MANY = `more than ${MAX_ITEMS} jobs fit: ask for parts of them, such as those due by a time`;

/** Carries an operation on by one step: its selection, or one batch of its jobs. */
export type Turn = (open: OpenOperation, ending: AbortSignal) => Promise<Done>;

export const turnOf = (deps: TurnDeps, { settings, timers, brake }: TurnTools): Turn => {
  const { open, selection, metrics } = deps;
  /** Up to which revision each was carried on: what the read model shows of before is old. */
  const done = new LRUCache<string, bigint>({ max: KEPT_REVISIONS });

  /** The operation after it; undefined when somebody else was there first. */
  const record = async (
    operationId: string,
    operation: KnownOperation,
    command: OperationCommand,
  ): Promise<KnownOperation | undefined> => {
    const recorded = await carryOut(deps, operationId, operation, command);
    if (recorded.outcome === 'stale') return undefined;
    done.set(operationId, recorded.revision);
    for (const { type } of recorded.events) {
      if (type === 'OperationCompleted') metrics.ended('completed');
      if (type === 'OperationStopped') metrics.ended('stopped');
    }
    return recorded.operation;
  };

  const find = async ({ operation, startedPosition }: OpenOperation): Promise<SelectedJobs> => {
    const { definition, startedAt } = operation;
    const { kind, selection: by } = definition;
    if (by.by === 'undo') return await selection.changedBy(by.operationId);
    const started = { position: startedPosition, at: startedAt };
    const filter = by.by === 'filter' ? readWrittenFilter(by.filter) : {};
    return await selection.byFilter(selected(kind, filter), started, MAX_ITEMS);
  };

  const select = async (opened: OpenOperation): Promise<Done> => {
    const { operationId } = opened;
    const { asOf, jobIds } = await find(opened);
    let operation: KnownOperation | undefined = opened.operation;
    if (jobIds.length > MAX_ITEMS) {
      const refusal = { type: 'RefuseSelection', problem: TOO_MANY } as const;
      return (await record(operationId, operation, refusal)) ? 'settled' : 'again';
    }
    const found = inBatches(jobIds);
    // what an earlier selection left must be replaced, also by nothing
    const batches = found.length === 0 && operation.batches > 0 ? [[]] : found;
    for (let batch = 0; operation && batch < batches.length; batch += BATCHES_AT_ONCE)
      operation = await record(operationId, operation, {
        ...{ type: 'SelectJobs', batch },
        batches: batches.slice(batch, batch + BATCHES_AT_ONCE),
      });
    const isDone =
      operation &&
      (await record(operationId, operation, { type: 'CompleteSelection', asOf: String(asOf) }));
    return isDone ? 'settled' : 'again';
  };

  /** Outcomes of the jobs, in their order; each is tried, also after one that cannot be. @throws the first error */
  const changeAll = async (
    { operationId, operation: { definition } }: OpenOperation,
    jobIds: readonly string[],
    mayChange: () => boolean,
    ending: AbortSignal,
  ): Promise<readonly ItemOutcome[]> => {
    const outcomes: ItemOutcome[] = [];
    for (let from = 0; from < jobIds.length; from += STRIDE) {
      const stride = jobIds.slice(from, from + STRIDE);
      brake.spend(stride.length, await brake.ready(ending));
      const rest = stride.entries();
      const worker = async (): Promise<void> => {
        for (const [index, jobId] of rest)
          outcomes[from + index] = await changeItem(
            deps,
            { operationId, definition, jobId },
            mayChange,
          );
      };
      const workers = Array.from({ length: settings.concurrency }, worker);
      const failed = (await Promise.allSettled(workers)).find(
        ({ status }) => status === 'rejected',
      );
      if (failed?.status === 'rejected') throw failed.reason;
    }
    return outcomes;
  };

  const goOn = async (opened: OpenOperation, ending: AbortSignal): Promise<Done> => {
    const { operationId, operation } = opened;
    const untilMs = timers.monotonicMs() + settings.batchMs;
    const isOurs = (): boolean => !ending.aborted && timers.monotonicMs() < untilMs;
    // one that is to stop is only looked at: what was changed before somebody died is to be told
    const mayChange = (): boolean => operation.status === 'running' && isOurs();
    const batch = operation.progressed;
    const jobIds = await open.batch(operationId, batch);
    let outcomes: readonly ItemOutcome[];
    try {
      outcomes = await changeAll(opened, jobIds, mayChange, ending);
    } catch (error) {
      if (ending.aborted) return 'again';
      throw error;
    }
    if (!isOurs()) return 'again';
    const progress = { type: 'RecordProgress', batch, outcomes } as const;
    if (!(await record(operationId, operation, progress))) return 'again';
    for (const outcome of outcomes) metrics.items(toldOutcome(outcome).outcome);
    return 'settled';
  };

  return async (opened, ending) => {
    const { operationId, operation } = opened;
    if ((done.get(operationId) ?? -1n) > operation.revision) return 'skipped';
    if (operation.isSelected) return await goOn(opened, ending);
    if (operation.status === 'selecting') return await select(opened);
    const ended = await record(operationId, operation, { type: 'EndUnselected' });
    return ended ? 'settled' : 'again';
  };
};
