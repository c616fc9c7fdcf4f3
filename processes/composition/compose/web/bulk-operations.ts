import type { BulkOperations } from '../../../../api/routes/bulk-operations/deps';
import { operationCommands } from '../../../../commands/operations/operation-commands';
import type { EventLog } from '../../../../domain/event-log';
import { systemClock } from '../../../../infra/clock';
import { uuids } from '../../../../infra/ids';
import { operationItems } from '../../../../projections/queries/operations/items';
import { knownOperations } from '../../../../projections/queries/operations/known-operations';
import { operationList } from '../../../../projections/queries/operations/list';
import { operationPreview } from '../../../../projections/queries/operations/preview';
import type { Shared } from '../../shared';

/** What the API needs of bulk operations. */
export const bulkOperationsOf = ({ database }: Shared, eventLog: EventLog): BulkOperations => {
  const db = database();
  const known = knownOperations(db);
  return {
    commands: operationCommands({ ...{ log: eventLog, clock: systemClock, ids: uuids, known } }),
    known,
    ...operationList(db),
    items: operationItems(db),
    preview: operationPreview(db),
  };
};
