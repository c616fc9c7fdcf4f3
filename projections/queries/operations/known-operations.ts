import type { Knex } from 'knex';
import type { KnownOperations } from '../../../domain/operation/known-operations';
import { knownOperation, OPERATION_COLUMNS, type OperationRow } from './operation-row';

/** Operations by the read model: so nobody has to read the long streams of large ones. */
export const knownOperations = (db: Knex): KnownOperations => ({
  find: async (operationId) => {
    const { rows } = await db.raw<{ rows: readonly OperationRow[] }>(
      `select ${OPERATION_COLUMNS} from operations where operation_id = ?`,
      [operationId],
    );
    return rows[0] && knownOperation(rows[0]);
  },
});
