import { readModel } from '../projections';
import { search } from '../search/migrations/0025-search';
import { jobSnapshots } from '../snapshots/migrations/0007-job-snapshots';
import { oldestOfBlock } from '../snapshots/migrations/0008-oldest-of-block';
import { thinSnapshots } from '../snapshots/migrations/0013-thin-snapshots';
import { checkpoint } from './0001-checkpoint';
import { processes } from './0005-processes';
import { generation } from './0006-generation';
import { heldBack } from './0010-held-back';
import { gateways } from './0011-gateways';
import { seenTime } from './0012-seen-time';
import { processVitals } from './0015-process-vitals';
import { system } from './0016-system';
import { hinderedExecutors } from './0017-hindered-executors';
import { webhookDeliveries } from './0023-webhook-deliveries';
import { queueFlow } from './0027-queue-flow';
import type { Migration } from './migration';

const numberedBefore = (a: Migration, b: Migration): number => (a.name < b.name ? -1 : 1);

/** All of the schema, by number. A list instead of a folder, so that names never depend on how the code was built. */
export const migrations: readonly Migration[] = [
  checkpoint,
  processes,
  generation,
  jobSnapshots,
  oldestOfBlock,
  heldBack,
  gateways,
  seenTime,
  thinSnapshots,
  processVitals,
  system,
  hinderedExecutors,
  webhookDeliveries,
  search,
  queueFlow,
  ...readModel.migrations,
].sort(numberedBefore);
