import type { JobDefinition } from '../domain/job/events';
import type { Instant } from '../domain/time';
import { readAndDecide, type AttemptDeps } from './process-order';

export type RedispatchAnswer =
  | {
      readonly outcome: 'redispatched';
      readonly revision: bigint;
      readonly attempt: number;
      /** The new one. */
      readonly delivery: number;
      readonly ticket: string;
      readonly dueAt: Instant;
      readonly definition: JobDefinition;
    }
  | { readonly outcome: 'expired' }
  | { readonly outcome: 'stale' };

const rescuer = { kind: 'system', id: 'rescuer' } as const;

/** Records that a lost message is sent again. `delivery` is the lost one: a second rescuer finds it superseded. */
export const redispatchCommand =
  (deps: AttemptDeps) =>
  async (jobId: string, attempt: number, delivery: number): Promise<RedispatchAnswer> => {
    const order = {
      jobId,
      actor: rescuer,
      seed: ['redispatch', String(attempt), String(delivery)],
    };
    const done = await readAndDecide(deps, order, (at) => ({
      type: 'RedispatchJob',
      at,
      attempt,
      delivery,
    }));
    if (done.outcome === 'rejected') return { outcome: 'stale' };
    if (done.events[0]?.type !== 'JobRedispatched') return { outcome: 'expired' };
    const { definition, dueAt } = done.job;
    const { revision } = done;
    const { timeoutMs, maxLatenessMs } = definition;
    const ticket = deps.proofs.ticket({
      jobId,
      attempt,
      revision,
      dueAt,
      timeoutMs,
      ...(maxLatenessMs !== undefined && { maxLatenessMs }),
    });
    return {
      outcome: 'redispatched',
      revision,
      attempt,
      delivery: delivery + 1,
      ticket,
      dueAt,
      definition,
    };
  };
