import type { BulkOperations } from '../../../../api/routes/bulk-operations/deps';
import {
  operationAsOf,
  operationItemsAsOf,
  type PastOperationDeps,
} from '../../../../commands/operations/operation-as-of';
import { operationCommands } from '../../../../commands/operations/operation-commands';
import { pastItems } from '../../../../commands/operations/past-items';
import { pastOperationList } from '../../../../commands/operations/past-list';
import type { EventLog } from '../../../../domain/event-log';
import { systemClock } from '../../../../infra/clock';
import { uuids } from '../../../../infra/ids';
import { itemNames, operationItems } from '../../../../projections/queries/operations/items';
import { knownOperations } from '../../../../projections/queries/operations/known-operations';
import { operationList } from '../../../../projections/queries/operations/list';
import { operationPreview } from '../../../../projections/queries/operations/preview';
import type { Shared } from '../../shared';

/** What the API needs of bulk operations. */
export const bulkOperationsOf = ({ database }: Shared, eventLog: EventLog): BulkOperations => {
  const db = database();
  const known = knownOperations(db);
  const { made, list, countOpen } = operationList(db);
  const past: PastOperationDeps = {
    log: eventLog,
    ownerOf: async (operationId) => (await known.find(operationId))?.definition.ownerId,
  };
  const asOf = operationAsOf(past);
  return {
    commands: operationCommands({ ...{ log: eventLog, clock: systemClock, ids: uuids, known } }),
    ...{ known, list, countOpen, asOf },
    pastItems: pastItems({ asOf: operationItemsAsOf(past), namesOf: itemNames(db) }),
    pastList: pastOperationList({ made, asOf }),
    items: operationItems(db),
    preview: operationPreview(db),
  };
};
