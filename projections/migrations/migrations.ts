import { checkpoint } from './0001-checkpoint';
import { jobs } from '../jobs/migrations/0002-jobs';
import { dueJobs } from '../jobs/migrations/0003-due-jobs';
import { statusFeed } from '../jobs/migrations/0004-status-feed';
import { processes } from './0005-processes';
import { generation } from './0006-generation';
import { jobSnapshots } from '../snapshots/migrations/0007-job-snapshots';
import { oldestOfBlock } from '../snapshots/migrations/0008-oldest-of-block';
import { dueLanes } from '../jobs/migrations/0009-due-lanes';
import { heldBack } from './0010-held-back';
import { gateways } from './0011-gateways';
import { seenTime } from './0012-seen-time';
import { thinSnapshots } from '../snapshots/migrations/0013-thin-snapshots';
import { queuedByOwner } from '../jobs/migrations/0014-queued-by-owner';
import { processVitals } from './0015-process-vitals';
import { system } from './0016-system';
import type { Migration } from './migration';

/** All of the schema, in order. Append only: a list instead of a folder, so that names never depend on how the code was built. */
export const migrations: readonly Migration[] = [
  checkpoint,
  jobs,
  dueJobs,
  statusFeed,
  processes,
  generation,
  jobSnapshots,
  oldestOfBlock,
  dueLanes,
  heldBack,
  gateways,
  seenTime,
  thinSnapshots,
  queuedByOwner,
  processVitals,
  system,
];
