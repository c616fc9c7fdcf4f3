import { MAX_NAMED_RUNS, MAX_REASON_LENGTH } from '../protocol/heartbeat';
import { pause } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';
import type { Vitals } from '../health/vitals';
import type { GatewayClient } from './gateway-client';
import type { Slots } from './slots';

export type HeartbeatDeps = {
  readonly executorId: string;
  readonly queueName: string;
  readonly gateway: Pick<GatewayClient, 'beat'>;
  readonly inFlight: Pick<Slots, 'inFlight' | 'running' | 'abort'>;
  /** Why no message can come; undefined while the broker answers. */
  readonly cannotTake: () => string | undefined;
  readonly logger: Logger;
  readonly vitals?: Vitals;
  readonly heartbeatEveryMs: number;
};

/** One line when beats are not heard, another when they are: who starts before the gateways has no fault. */
const hearingTeller = ({ executorId, logger }: HeartbeatDeps) => {
  let wasHeard: boolean | undefined;
  return (isHeard: boolean, error?: unknown): void => {
    const isFirst = wasHeard === undefined;
    if (isHeard === wasHeard) return;
    wasHeard = isHeard;
    const reason = error instanceof Error ? error.message : String(error);
    if (isHeard) {
      if (!isFirst) logger.info({ executorId }, 'a gateway hears the heartbeats');
    } else if (isFirst) logger.info({ executorId, reason }, 'the executor waits for a gateway');
    else logger.warn({ executorId, reason }, 'a heartbeat was not heard; beating on');
  };
};

/** Tells the gateways what runs here, and stops what they say is not to run. Goes on until the signal aborts. */
export const heartbeats = async (deps: HeartbeatDeps, signal: AbortSignal): Promise<void> => {
  const { executorId, queueName, gateway, inFlight, cannotTake, vitals, heartbeatEveryMs } = deps;
  const tell = hearingTeller(deps);
  while (!signal.aborted) {
    try {
      const runs = inFlight.inFlight();
      const hindrance = cannotTake();
      const { abort, revoked, code } = await gateway.beat({
        executorId,
        queue: queueName,
        running: inFlight.running(),
        ...(runs.length <= MAX_NAMED_RUNS && { runs: [...runs] }),
        ...(hindrance !== undefined && { cannotTake: hindrance.slice(0, MAX_REASON_LENGTH) }),
      });
      for (const run of abort) inFlight.abort(run, 'abort-requested');
      for (const run of revoked ?? []) inFlight.abort(run, 'revoked');
      // a beat that is heard says nothing of pulls that are not
      if (hindrance === undefined) vitals?.worked('broker');
      else vitals?.failed('broker', new Error(hindrance));
      vitals?.moved();
      if (code !== undefined) throw new Error(`the beat was not counted: ${code}`);
      tell(true);
      // there may be more of these than one answer names
      await pause(revoked?.length ? heartbeatEveryMs / 5 : heartbeatEveryMs, signal);
    } catch (error) {
      vitals?.failed('broker', error);
      tell(false, error);
      await pause(heartbeatEveryMs / 5, signal);
    }
  }
};
