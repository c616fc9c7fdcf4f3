import { foundSystem, systemOf } from '../../commands/found-system';
import type { HandleDeps } from '../../commands/handle';
import { AppendOutcomeUnknown, EventLogUnavailable } from '../../domain/event-log';
import { isReadModelLost, isTransientPostgresError } from '../../infra/postgres/failures';
import { ServerUnfit, withoutSecrets } from '../../infra/server-check';
import type { EventAt } from '../../projections/reading/log-place';
import type { OriginStore, ReadModelOrigin } from '../../projections/audit/read-model-origin';
import { mismatchOf, mismatchText } from '../../projections/audit/same-log';
import { retrying } from '../runtime/backoff';
import { limitedSignal } from '../runtime/inner-signal';

export type SameSystemDeps = HandleDeps & {
  readonly eventAt: EventAt;
  readonly origin: OriginStore;
  readonly eventstoreUrl: string;
  readonly postgresUrl: string;
};

/** How long the servers may be away at the start: those that are starting beside us take a moment. */
const START_WITHIN_MS = 30_000;

const unfit = ({ postgresUrl, eventstoreUrl }: SameSystemDeps, found: string, remedy: string) =>
  new ServerUnfit({
    setting: 'POSTGRES_URL',
    url: postgresUrl,
    tried: `to read which system it is of, beside the log ${withoutSecrets(eventstoreUrl)}`,
    found,
    remedy,
  });

/** Undefined when its tables are lost: a replay brings them back. */
const lookAt = async ({ origin }: SameSystemDeps): Promise<ReadModelOrigin | undefined> => {
  try {
    return await origin.look();
  } catch (error) {
    if (isReadModelLost(error)) return undefined;
    throw error;
  }
};

/**
 * Log and read model of one system: what has no name yet gets one. A read model that is only made of events that
 * the log has not, of the same system, passes: a replay mends it while the processes wait.
 *
 * @throws ServerUnfit
 */
const established = async (deps: SameSystemDeps): Promise<string> => {
  // in this order: who founds beside us names the log first, and the read model only then
  const origin = await lookAt(deps);
  const known = await systemOf(deps.log);
  if (!origin) return known ?? (await foundSystem(deps));
  const mismatch = await mismatchOf(deps, known, origin);
  const isMended = mismatch?.kind === 'other-events' && origin.systemId !== undefined;
  if (mismatch && !isMended) {
    const { found, remedy } = mismatchText(mismatch);
    throw unfit(deps, found, remedy);
  }
  const systemId = known ?? (await foundSystem(deps));
  const readModel = origin.systemId ?? (await deps.origin.name(systemId));
  if (readModel === systemId) return systemId;
  // another system has come to the same empty read model meanwhile
  const { found, remedy } = mismatchText({ kind: 'other-system', readModel, log: systemId });
  throw unfit(deps, found, remedy);
};

const isTransient = (error: unknown): boolean =>
  error instanceof EventLogUnavailable ||
  error instanceof AppendOutcomeUnknown ||
  isTransientPostgresError(error);

/**
 * The system that log and read model are of, for a process that starts.
 *
 * @throws ServerUnfit when they are of two, or the log does not answer within half a minute
 */
export const sameSystem = async (deps: SameSystemDeps, signal: AbortSignal): Promise<string> => {
  try {
    return await retrying(() => established(deps), {
      signal: limitedSignal(signal, START_WITHIN_MS),
      draw: Math.random,
      isTransient,
    });
  } catch (error) {
    if (!(error instanceof EventLogUnavailable)) throw error;
    throw new ServerUnfit(
      {
        setting: 'EVENTSTORE_URL',
        url: deps.eventstoreUrl,
        tried: `for ${START_WITHIN_MS / 1_000} s to read which system its log is of`,
        found: error.message,
        remedy: 'Start the event store, or name the one that runs.',
      },
      { cause: error },
    );
  }
};
