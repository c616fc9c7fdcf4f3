import type { BulkOperations } from '../../../api/routes/bulk-operations/deps';
import { carryOut } from '../../../commands/operations/carry-out';
import { operationAsOf, operationItemsAsOf } from '../../../commands/operations/operation-as-of';
import { operationCommands } from '../../../commands/operations/operation-commands';
import { pastItems } from '../../../commands/operations/past-items';
import { loadOperation } from '../../../commands/operations/operation-stream';
import type { OperationCommand } from '../../../domain/operation/commands';
import type { Clock } from '../../../domain/time';
import { uuids } from '../../../infra/ids';
import { memoryEventLog } from '../../../infra/memory/event-log';
import { fakeBulkOperations } from './api-under-test';

/** Operations whose commands are real, over a log in memory; no read model knows them, and nobody carries them out. */
export const bulkOperationsInMemory = (clock: Clock, given: Partial<BulkOperations> = {}) => {
  const { log } = memoryEventLog();
  const deps = { log, clock, ids: uuids };
  const known = { find: () => Promise.resolve(undefined) };
  const past = { log, ownerOf: () => Promise.resolve(undefined) };
  const bulkOperations = fakeBulkOperations({
    commands: operationCommands({ ...deps, known }),
    known,
    asOf: operationAsOf(past),
    pastItems: pastItems({
      asOf: operationItemsAsOf(past),
      namesOf: () => Promise.resolve(new Map()),
    }),
    ...given,
  });
  return {
    bulkOperations,
    log,
    /** As the process does it. */
    carryOn: async (operationId: string, command: OperationCommand): Promise<void> => {
      const { state } = await loadOperation(log, known, operationId);
      if (state.status === 'none') throw new Error(`there is no operation ${operationId}`);
      const { outcome } = await carryOut(deps, operationId, state, command);
      if (outcome !== 'recorded') throw new Error(`${command.type} was not recorded`);
    },
  };
};
