import { measureLag, type Lag, type LagDeps } from '../../projections/queries/lag';
import { pause } from '../runtime/backoff';
import { innerController } from '../runtime/inner-signal';
import type { Process } from '../runtime/process';

export type LagWatch = Process & {
  /** As it was within the last seconds; undefined while it cannot be told. */
  readonly lag: () => Lag | undefined;
};

export type LagWatchDeps = LagDeps & {
  readonly everyMs: number;
  readonly observe: (lag: Lag) => void;
};

/** Looks again and again how far the read model is behind, so that no request has to ask. */
export const lagWatch = ({ everyMs, observe, ...deps }: LagWatchDeps): LagWatch => {
  let last: Lag | undefined;
  return {
    name: 'lag-watch',
    lag: () => last,
    run: async (outer) => {
      const { signal } = innerController(outer);
      while (!signal.aborted) {
        last = await measureLag(deps).catch(() => undefined);
        if (last) observe(last);
        await pause(everyMs, signal);
      }
    },
  };
};
