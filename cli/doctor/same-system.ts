import type { EventLog } from '../../domain/event-log';
import { isReadModelLost } from '../../infra/postgres/failures';
import type { ServerCheck, Verdict } from '../../infra/server-check';
import type { OriginStore, ReadModelOrigin } from '../../projections/audit/read-model-origin';
import { mismatchOf, mismatchText } from '../../projections/audit/same-log';
import type { EventAt } from '../../projections/reading/log-place';

/** An event log that has answered. */
export type KnownLog = {
  readonly log: EventLog;
  readonly eventAt: EventAt;
  /** Undefined when nobody has started on it yet. */
  readonly systemId: string | undefined;
};

const NAME = 'the system of the event log';

const belongs = (found: string | undefined): Verdict => ({
  outcome: 'ok',
  detail: found === undefined ? 'belongs to nobody yet' : `system ${found}`,
});

/** The read model is of that system, and made of events that the log has. */
export const sameLogCheck = (known: KnownLog, origin: OriginStore): ServerCheck => ({
  setting: 'POSTGRES_URL',
  name: NAME,
  look: async () => {
    const found = await origin.look().catch((error: unknown): ReadModelOrigin => {
      if (!isReadModelLost(error)) throw error;
      return { systemId: undefined, checkpoint: undefined };
    });
    const mismatch = await mismatchOf({ ...known, origin }, known.systemId, found);
    return mismatch ? { outcome: 'missing', ...mismatchText(mismatch) } : belongs(found.systemId);
  },
});

/** The stream of due jobs is of that system. */
export const sameBrokerCheck = (
  { systemId: known }: KnownLog,
  found: string | undefined,
): ServerCheck => ({
  setting: 'NATS_URL',
  name: NAME,
  look: () => {
    const isSame = found === undefined || found === known;
    return Promise.resolve(
      isSame
        ? belongs(found)
        : {
            outcome: 'missing',
            found: `that of the system ${found}, while the log is ${known === undefined ? 'nobody’s yet' : `of ${known}`}`,
            remedy:
              'Correct the URL of the one that is not meant (docs/operations.md, one system, three servers).',
          },
    );
  },
});
