import type { ApiDeps } from '../../../../api/app';
import { currentShares } from '../../../../commands/set-shares';
import type { EventLog, NewestEvents } from '../../../../domain/event-log';
import { availableScan } from '../../../../infra/eventstore/available-scan';
import { deadLetters } from '../../../../projections/queries/dead-letters';
import { forecast } from '../../../../projections/queries/forecast';
import { jobCounts } from '../../../../projections/queries/job-counts';
import { jobQueries } from '../../../../projections/queries/jobs';
import { lateness } from '../../../../projections/queries/lateness';
import { systemState } from '../../../../projections/queries/operating/system-state';
import { pastJobs } from '../../../../projections/queries/past/jobs-as-of';
import { pastSnapshots } from '../../../../projections/queries/past/past-snapshots';
import { queueStates } from '../../../../projections/queries/queues';
import { statusFeed } from '../../../../projections/queries/status-feed';
import { LEASE_TTL_MS } from '../../../dispatching/dispatcher';
import { defaultLimitsOf, limitsIn } from '../../../dispatching/shares/share-limits';
import { lastVerification } from '../../../web/last-verification';
import { newestSeal } from '../../../web/newest-seal';
import type { Shared } from '../../shared';

/** A job takes about a kilobyte: bounds on what lists of the past may hold in memory. */
const PAST_LISTS = { maxJobs: 200_000, keptLists: 4, keptJobs: 50_000 } as const;

/** What the API answers from tables, and of the system from the log. */
export const readSideOf = (
  { config, database, logScan }: Shared,
  eventLog: EventLog & NewestEvents,
) => {
  const db = database();
  return {
    jobs: jobQueries(db),
    countJobs: jobCounts(db),
    forecast: forecast(db),
    lateness: lateness(db),
    deadLetters: deadLetters(db),
    statusFeed: statusFeed(db),
    pastJobs: pastJobs({
      snapshots: pastSnapshots(db),
      scan: availableScan(logScan()),
      log: eventLog,
      ...PAST_LISTS,
    }),
    queues: {
      states: queueStates(db, config.EXECUTOR_SILENT_MS),
      limits: async () => {
        const { shares } = await currentShares(eventLog);
        return limitsIn(shares, defaultLimitsOf(config)).limitsOfQueue;
      },
    },
    system: {
      state: systemState(db, LEASE_TTL_MS),
      seal: () => newestSeal(eventLog),
      verification: () => lastVerification(eventLog),
    },
  } satisfies Partial<ApiDeps>;
};
