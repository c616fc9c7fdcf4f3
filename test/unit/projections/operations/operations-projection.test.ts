import type { RecordedEvent } from '../../../../domain/event-log';
import type { OperationEvent } from '../../../../domain/operation/events';
import { operationsProjection } from '../../../../projections/operations/operations-projection';
import { recordedOperationEvent } from '../../../support/operation-histories';

const ID = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60aa';
const OTHER = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60bb';

const started: OperationEvent = {
  type: 'OperationStarted',
  data: { ownerId: 'ada', role: 'user', kind: 'cancel', selection: { by: 'ids' } },
};
const selected: OperationEvent = {
  type: 'OperationSelected',
  data: { batch: 0, from: 0, jobIds: [] },
};

const at = (
  position: bigint,
  id: string,
  revision: bigint,
  event: OperationEvent,
): RecordedEvent => ({
  ...recordedOperationEvent(id, revision, event),
  position,
});

test('of a round, batches come before the rows of their operations, which say what is new', () => {
  const { statements, partitions } = operationsProjection.plan([
    at(7n, ID, 0n, started),
    at(8n, ID, 1n, selected),
  ]);
  expect(statements.map(({ name }) => name)).toEqual([
    'operations_insert',
    'operations_forget_selected',
    'operations_insert_selected',
    'operations_update',
  ]);
  expect(partitions).toEqual([]);
});

test('who carries operations out is told the lowest position of a batch, and nothing of an empty one', () => {
  const events = [at(9n, OTHER, 1n, selected), at(7n, ID, 0n, started), at(8n, ID, 1n, selected)];
  expect(operationsProjection.plan(events).notice).toEqual({ operationPosition: 7n });
  expect(operationsProjection.plan(events.toReversed().slice(0, 1)).notice).toEqual({
    operationPosition: 8n,
  });
  expect(operationsProjection.plan([]).notice).toEqual({});
});

test('only streams of operations are its own', () => {
  expect(operationsProjection.isMine(`operation-${ID}`)).toBe(true);
  expect(operationsProjection.isMine('operation-x')).toBe(false);
  expect(operationsProjection.isMine(`job-${ID}`)).toBe(false);
});

test('who carries operations out and knows none of the rows looks at all of them', async () => {
  const noSession = { send: () => Promise.reject(new Error('nothing to ask')) };
  expect(await operationsProjection.noticeOfAll(noSession as never)).toEqual({
    operationPosition: 0n,
  });
});
