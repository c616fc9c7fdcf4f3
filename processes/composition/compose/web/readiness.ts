import type { ApiDeps } from '../../../../api/app';
import type { EventLog } from '../../../../domain/event-log';
import { systemClock } from '../../../../infra/clock';
import type { Freshness } from '../../../../projections/queries/freshness';
import type { LagDeps } from '../../../../projections/queries/lag';
import { missingPartitions } from '../../../../projections/queries/operating/partitions-ahead';
import { readProcessVitals } from '../../../../projections/queries/operating/process-vitals';
import { trialWrite } from '../../../../projections/queries/operating/trial-write';
import { unservedQueues } from '../../../../projections/queries/rescuing/unserved-queues';
import {
  canRead,
  canRecord,
  clocksAgree,
  keepsUp,
  parkedStreams,
  partitionsAhead,
  processesMove,
  readinessOf,
  sameLog,
  servedQueues,
  takesWrites,
} from '../../../health/readiness';
import type { Shared } from '../../shared';

export type ReadinessDeps = {
  readonly eventLog: EventLog;
  readonly fresh: Freshness;
  readonly lagDeps: LagDeps;
};

/** All that `/readyz` looks at. */
export const webReadiness = (
  { database, otherEvents, vitals }: Shared,
  { eventLog, fresh, lagDeps }: ReadinessDeps,
): ApiDeps['readiness'] => {
  const db = database();
  const whyNoAppends = (): string | undefined =>
    vitals('web')
      .look()
      .hindrances.find(({ server }) => server === 'event-store')?.reason;
  const processes = () => readProcessVitals(db);
  return readinessOf([
    canRecord(eventLog, whyNoAppends),
    canRead(fresh),
    takesWrites(trialWrite(db)),
    sameLog(otherEvents),
    keepsUp(lagDeps),
    parkedStreams(fresh),
    partitionsAhead(missingPartitions(db), systemClock.now),
    servedQueues(unservedQueues(db)),
    processesMove(processes),
    clocksAgree(processes),
  ]);
};
