import { systemClock } from '../../../infra/clock';
import { closeEventStore, openEventStore } from '../../../infra/eventstore/client';
import { eventStoreEventAt } from '../../../infra/eventstore/event-at';
import { eventStoreScan } from '../../../infra/eventstore/log-scan';
import { eventStoreSeals } from '../../../infra/eventstore/seals';
import { uuids } from '../../../infra/ids';
import { processorIdle } from '../../../infra/processor';
import { sha256 } from '../../../infra/sha256';
import { searchIndex } from '../../../projections/search/search-index';
import { snapshotStore } from '../../../projections/snapshots/job-snapshots';
import { brake, politePace } from '../../../projections/reading/pace';
import { paced } from '../../../projections/reading/paced-scan';
import { liveActivity } from '../../../projections/queries/operating/live-activity';
import { archivistMetrics } from '../../archiving/metrics';
import { archivist } from '../../archiving/archivist';
import { jobSnapshots } from '../../archiving/job-snapshots';
import { keepSearchIndex } from '../../archiving/search-keeper';
import { logSealer } from '../../archiving/sealer';
import { logSealKeyFile, readLogSealKey } from '../log-seal-key';
import type { Process } from '../../runtime/process';
import type { Shared } from '../shared';
import { systemTimers } from '../../runtime/timers';

const draw = Math.random;

export const composeArchivist = async ({
  config,
  names,
  logger,
  metrics,
  own,
  eventLog,
  database,
  vitals,
}: Shared): Promise<Process> => {
  const keyFile = config.LOG_SEAL_KEY_FILE ?? logSealKeyFile(config.DATA_DIR);
  // a connection of its own: a long read of the log must not hold back the answers to appends
  const client = own(openEventStore(config.EVENTSTORE_URL), closeEventStore);
  const told = archivistMetrics(metrics);
  const sealer = logSealer({
    seals: eventStoreSeals(client, names.streams),
    eventLog: eventLog(),
    key: await readLogSealKey(keyFile),
    sha256,
    clock: systemClock,
    ids: uuids,
    logger,
    metrics: told,
  });
  const snapshots = jobSnapshots({
    store: snapshotStore(database()),
    eventAt: eventStoreEventAt(client),
    clock: systemClock,
  });
  const pace = politePace(
    { look: () => liveActivity(database()), idleShare: processorIdle() },
    systemTimers,
    config.ARCHIVE_RATE,
  );
  const process = archivist({
    scan: paced(eventStoreScan(client, names.streams), brake(pace, systemTimers)),
    consumers: [sealer, snapshots],
    draw,
    logger,
    metrics: told,
    vitals: vitals('archivist'),
    everyMs: config.ARCHIVE_EVERY_MS,
  });
  const search = {
    ...{ index: searchIndex(database()), idleShare: processorIdle() },
    ...{ draw, logger, metrics: told },
  };
  return {
    ...process,
    run: async (signal) => {
      await Promise.all([process.run(signal), keepSearchIndex(search, signal)]);
    },
  };
};
