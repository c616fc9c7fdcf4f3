import type { LogAudit } from '../../domain/audit/log-audit';
import type { Violation } from '../../domain/audit/violation';
import type { LogCheck } from './log-check';
import { positionOf, type LogPlace } from '../reading/log-place';
import type { LogScan, StoredBytes } from '../reading/log-scan';
import type { AuditRows } from '../queries/operating/audit-rows';
import type { WindowStart } from './stream-check';
import { checkReadModel } from './read-model-check';

/** Where what is verified ends. */
export type WindowEnd =
  | { readonly kind: 'log-end' }
  /** Inclusive. */
  | { readonly kind: 'at-position'; readonly position: bigint }
  /** Exclusive, by the time of storing, in units of 100 ns since 1970. */
  | { readonly kind: 'before-time'; readonly ticks: bigint };

export type VerifyDeps = {
  readonly scan: LogScan;
  readonly audit: Pick<LogAudit, 'jobs' | 'schedules' | 'operations'>;
  /** Each gets every event of the scan, the check of our own streams among them. */
  readonly checks: readonly LogCheck[];
  /** Absent: the read model is left out. */
  readonly rows?: AuditRows;
  readonly start: WindowStart;
  readonly end: WindowEnd;
  readonly report: (violation: Violation) => void;
  readonly progress: {
    readonly events: (count: number, position: bigint) => void;
    readonly rows: (count: number) => void;
  };
  readonly signal: AbortSignal;
};

export type Verified = {
  readonly events: number;
  /** Of the last event, undefined when there was none. */
  readonly position: bigint | undefined;
  /** When that was stored, in units of 100 ns since 1970. */
  readonly storedTicks: bigint | undefined;
};

/** The read model changed its mind about how much of the log it has seen. */
class ReadModelWentBack extends Error {
  override readonly name = 'ReadModelWentBack';
}

/**
 * Takes the log through all checks, once and in order. The read model is compared on the way: the scan goes to
 * where the read model is, a snapshot of it is opened, the scan closes up to the snapshot, and then both stand
 * at the same event. So a snapshot, which keeps the database from cleaning up, is held for seconds and not for
 * the whole scan, and a read model that lags is compared with what it should be by then.
 *
 * @throws NewerEventVersion, ReadModelWentBack, and what cut the scan
 */
export const verifyLog = async (deps: VerifyDeps): Promise<Verified> => {
  const { scan, checks, start, end, progress, signal } = deps;
  let at: bigint | LogPlace | undefined =
    start.kind === 'after-position' ? start.position : undefined;
  let verified: Verified = { events: 0, position: undefined, storedTicks: undefined };
  let isOver = false;

  const takeAll = async (batch: readonly StoredBytes[]): Promise<void> => {
    for (const check of checks) await check.take(batch);
    const last = batch.at(-1);
    if (!last) return;
    const events = verified.events + batch.length;
    verified = { events, position: last.position, storedTicks: last.createdTicks };
    progress.events(events, last.position);
  };

  /** @param upTo  inclusive; absent: to the end of the log */
  const scanTo = async (upTo?: bigint): Promise<void> => {
    if (isOver || (upTo !== undefined && at !== undefined && upTo <= positionOf(at))) return;
    const range = { after: at ?? ('start' as const), ...(upTo !== undefined && { upTo }) };
    for await (const batch of scan(range, signal)) {
      const inside = cutAt(end, batch);
      await takeAll(inside);
      at = batch.at(-1) ?? at;
      isOver = inside.length < batch.length;
      if (isOver) return; // `at` stays at an event: no scan may begin where none is
    }
  };

  if (deps.rows) await compareOnTheWay(deps, deps.rows, scanTo);
  await scanTo(end.kind === 'at-position' ? end.position : undefined);
  for (const check of checks) for (const violation of await check.end()) deps.report(violation);
  return verified;
};

const cutAt = (end: WindowEnd, batch: readonly StoredBytes[]): readonly StoredBytes[] => {
  if (end.kind !== 'before-time') return batch;
  const beyond = batch.findIndex(({ createdTicks }) => createdTicks >= end.ticks);
  return beyond < 0 ? batch : batch.slice(0, beyond);
};

const compareOnTheWay = async (
  { audit, start, report, progress }: VerifyDeps,
  rows: AuditRows,
  scanTo: (upTo: bigint) => Promise<void>,
): Promise<void> => {
  const begin = start.kind === 'after-position' ? start.position : -1n;
  const before = (await rows.position()) ?? -1n;
  if (before < begin)
    throw new ReadModelWentBack(
      `the read model is at position ${before}, before the window: wait, or leave it out with --no-read-model`,
    );
  if (before >= 0n) await scanTo(before);
  await rows.atOneMoment(async (snapshot) => {
    const position = snapshot.position ?? -1n;
    if (position < before)
      throw new ReadModelWentBack(
        'the read model began again meanwhile: verify again when it has caught up',
      );
    if (position >= 0n) await scanTo(position);
    const knowsAll = start.kind !== 'after-position';
    await checkReadModel(snapshot, { audit, report, knowsAll, progress: progress.rows });
  });
};
