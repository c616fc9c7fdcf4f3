import type { ShardLeases } from '../../infra/postgres/shard-leases';
import type { Draw } from '../../domain/chance';
import { pause } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';
import type { Vitals } from '../health/vitals';
import { shardsToTake } from './shard-plan';

export type ShardHolderDeps = {
  readonly leases: ShardLeases;
  /** Fresh for each start of a dispatcher. */
  readonly holder: string;
  readonly everyMs: number;
  readonly ttlMs: number;
  readonly draw: Draw;
  readonly logger: Logger;
  readonly vitals: Vitals;
  readonly onShards: (shards: ReadonlySet<number>) => void;
};

export type ShardHolder = {
  /** Renews, takes what falls free, and takes its share from those who have more, until the signal aborts. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly release: () => Promise<void>;
};

const isSame = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean =>
  a.size === b.size && [...a].every((shard) => b.has(shard));

/**
 * Holds leases on a fair share of the shards. When the database is away the shards are kept: two dispatchers
 * on one shard are wasteful, never wrong, and none would be late.
 */
export const shardHolder = (deps: ShardHolderDeps): ShardHolder => {
  const { leases, holder, logger } = deps;
  let held: ReadonlySet<number> = new Set();

  const renew = async (): Promise<void> => {
    const table = await leases.read(deps.ttlMs);
    const own = table.filter((lease) => lease.isLive && lease.holder === holder);
    const wanted = [...own, ...shardsToTake(table, holder)];
    const now = new Set(await leases.hold(wanted, holder, deps.ttlMs));
    if (isSame(now, held)) return;
    logger.info({ holder, shards: now.size, before: held.size }, 'dispatch shards changed');
    held = now;
    deps.onShards(held);
  };

  return {
    run: async (signal) => {
      for (let failures = 0; !signal.aborted;) {
        try {
          await renew();
          failures = 0;
          deps.vitals.worked('read-model');
        } catch (error) {
          failures += 1;
          deps.vitals.failed('read-model', error);
          logger.warn({ err: error, failures }, 'cannot renew dispatch shards; trying again');
        }
        // up to a tenth sooner by chance, so that dispatchers do not meet at the table
        await pause(deps.everyMs * (1 - 0.1 * deps.draw()), signal);
      }
    },
    release: async () => {
      await leases.release(holder);
    },
  };
};
