import type { AttemptCommands } from '../../commands/attempt-commands';
import type { ExecutorRuns, HeldRun } from '../../projections/queries/rescuing/executor-runs';
import { isLogOutage } from '../runtime/log-outage';
import { seldom } from '../runtime/seldom';
import type { Logger } from '../runtime/logger';
import type { GatewayMetrics } from './metrics';
import type { Heartbeat, HeartbeatAnswer, NamedRun } from '../protocol/heartbeat';
import { lostGrants } from './lost-grants';
import type { Rounds } from './rounds';

export type RunCheckDeps = {
  readonly runs: ExecutorRuns;
  readonly commands: Pick<AttemptCommands, 'holds' | 'loseGrant'>;
  readonly logger: Logger;
  readonly metrics: Pick<GatewayMetrics, 'lostGrant'>;
};

type Verdict = Pick<HeartbeatAnswer, 'abort' | 'revoked'>;

/** Streams that are read for one beat; what is over it has its turn with the next. */
const MAX_READS = 128;

const nameOf = ({ jobId, attempt }: NamedRun): string => `${jobId}/${attempt}`;

/**
 * Compares what an executor says that it runs with what runs on it by the log. The read model tells where to
 * look; the stream decides before anything is stopped or given up.
 */
export const runCheck = (
  { runs, commands, logger, metrics }: RunCheckDeps,
  rounds: Pick<Rounds, 'latest'>,
): ((beat: Heartbeat, heardAt: number) => Promise<Verdict>) => {
  const grants = lostGrants(rounds);
  const tellOutage = seldom(logger, 'runs are not compared: the log is away');

  /** A stream that cannot be read must not cost the others their answer. */
  const contained = async <T>(call: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (isLogOutage(error)) tellOutage(error);
      else logger.error({ err: error }, 'a run could not be compared');
      return otherwise;
    }
  };
  const revoked = async (executorId: string, named: readonly NamedRun[]): Promise<NamedRun[]> => {
    const doubtful = await runs.doubtful(executorId, named, MAX_READS);
    const held = await Promise.all(
      doubtful.map(({ jobId, attempt }) =>
        contained(() => commands.holds(jobId, attempt, executorId), true),
      ),
    );
    return doubtful.filter((_, index) => !held[index]);
  };
  const giveUp = async (executorId: string, run: HeldRun): Promise<void> => {
    const { jobId, attempt, startedAt } = run;
    if ((await commands.loseGrant(jobId, attempt, executorId, startedAt)) !== 'done') return;
    metrics.lostGrant();
    logger.warn({ jobId, attempt, executorId }, 'a grant never reached its executor');
  };

  return async ({ executorId, running, runs: named }, heardAt) => {
    if (!named && running === 0) return { abort: [] };
    const held = await runs.heldBy(executorId);
    const abort = held
      .filter(({ isAbortRequested }) => isAbortRequested)
      .map(({ jobId, attempt }) => ({ jobId, attempt }));
    if (!named) return { abort };
    const names = new Set(named.map(nameOf));
    const heldNames = new Set(held.map(nameOf));
    const lost = grants.notNamed(
      executorId,
      held.filter((run) => !names.has(nameOf(run))),
      heardAt,
    );
    await Promise.all(
      lost.slice(0, MAX_READS).map((run) => contained(() => giveUp(executorId, run), undefined)),
    );
    const over = await revoked(
      executorId,
      named.filter((run) => !heldNames.has(nameOf(run))),
    );
    return { abort, ...(over.length > 0 && { revoked: over }) };
  };
};
