import { systemClock } from '../../../infra/clock';
import { closeEventStore, openEventStore } from '../../../infra/eventstore/client';
import { eventStoreFeed } from '../../../infra/eventstore/feed';
import { writeSessions } from '../../../infra/postgres/write-session';
import { readModel } from '../../../projections/projections';
import type { Process } from '../../runtime/process';
import { projectorMetrics } from '../../projecting/metrics';
import { projector } from '../../projecting/projector';
import type { Shared } from '../shared';

const draw = Math.random;

export const composeProjector = ({
  config,
  names,
  logger,
  metrics,
  own,
  eventLog,
  eventAt,
  vitals,
}: Shared): Process => {
  // a subscription of its own: a long catch-up must not hold back the answers to appends
  const client = own(openEventStore(config.EVENTSTORE_URL), closeEventStore);
  return projector({
    projection: readModel,
    feed: eventStoreFeed(client, names.streams),
    eventLog: eventLog(),
    eventAt: eventAt(),
    openSession: writeSessions(config.POSTGRES_URL),
    clock: systemClock,
    draw,
    logger,
    metrics: projectorMetrics(metrics),
    vitals: vitals('projector'),
  });
};
