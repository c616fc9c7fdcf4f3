import { OPERATION_STREAM_PREFIX, operationIdOf } from '../../domain/ids';
import type { Projection } from '../projection';
import { NO_NOTICE, type Notice } from '../writing/notice';
import { batchStatements } from './batch-rows';
import { operations } from './migrations/0021-operations';
import { operationStatements } from './operation-rows';
import { operationRounds, type OperationStep } from './operation-step';

/** The last byte of the id. */
const byShard = 'get_byte(uuid_send(t.operation_id), 15)';

/** For the process that carries them out. */
const workNotice = (rounds: readonly (readonly OperationStep[])[]): Notice => {
  const positions = rounds.flat().map(({ facts }) => facts[0].position);
  return positions.length === 0
    ? NO_NOTICE
    : // Stryker disable next-line EqualityOperator: of two that are the same it is the same
      { operationPosition: positions.reduce((a, b) => (a < b ? a : b)) };
};

/** Operations, the jobs that they are about, and what became of each. */
export const operationsProjection: Projection = {
  name: 'operations',
  tables: {
    operations: { key: ['operation_id'], bucket: byShard },
    operation_batches: { key: ['operation_id', 'batch'], bucket: byShard },
  },
  migrations: [operations],
  prefixes: [OPERATION_STREAM_PREFIX],
  isMine: (stream) => operationIdOf(stream) !== undefined,
  plan: (events) => {
    const rounds = operationRounds(events);
    return {
      statements: rounds.flatMap((steps) => [
        ...batchStatements(steps),
        ...operationStatements(steps),
      ]),
      partitions: [],
      notice: workNotice(rounds),
    };
  },
  trims: [],
  noticeOfAll: () => Promise.resolve({ operationPosition: 0n }),
  rebuild: 'by-plan',
};
