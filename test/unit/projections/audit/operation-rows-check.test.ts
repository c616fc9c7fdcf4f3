import { operationAudit } from '../../../../domain/audit/operation-audit';
import type { Violation } from '../../../../domain/audit/violation';
import type { OperationDefinition } from '../../../../domain/operation/definition';
import type { OperationEvent } from '../../../../domain/operation/events';
import { checkOperationRows } from '../../../../projections/audit/operation-rows-check';
import { operationKinds, recordedFact } from '../../../../projections/audit/stored-fact';
import type {
  BatchAuditRow,
  OperationAuditRow,
  ReadModelSnapshot,
} from '../../../../projections/queries/operating/audit-rows';
import { recordedOperationEvent } from '../../../support/operation-histories';

const ID = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60aa';
const OTHER = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60bb';
const STREAM = `operation-${ID}`;
const jobIds = ['019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6001', '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6002'];
const STARTED_AT = Date.parse('2026-11-23T12:00:00.000Z');

const definition: OperationDefinition = {
  ...{ ownerId: 'ada', role: 'user', kind: 'cancel', selection: { by: 'ids' } },
};
const whole: readonly OperationEvent[] = [
  { type: 'OperationStarted', data: definition },
  { type: 'OperationSelected', data: { batch: 0, from: 0, jobIds } },
  { type: 'OperationSelectionCompleted', data: { items: 2 } },
  { type: 'OperationProgressed', data: { batch: 0, from: 0, outcomes: ['changed', 'left'] } },
];

/** The row that the whole log makes. */
const row: OperationAuditRow = {
  ...{ operation_id: ID, status: 'running', revision: 3, position: 3 },
  ...{ definition: JSON.stringify(definition), is_selected: true, batches: 1, items: 2 },
  ...{ progressed: 1, changed_items: 1, unchanged_items: 0, refused_items: 0, left_items: 1 },
  started_at: STARTED_AT,
};
const batch: BatchAuditRow = {
  ...{ operation_id: ID, batch: 0, job_ids: jobIds, outcomes: ['changed', 'left'] },
};

type Given = {
  readonly rows?: readonly OperationAuditRow[];
  readonly batches?: readonly BatchAuditRow[];
  readonly parked?: readonly string[];
  /** From which event on the log was read. */
  readonly from?: number;
};

/** Each row a page. */
async function* pages<Row>(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  for (const one of rows) yield await Promise.resolve([one]);
}

const checked = async ({ rows = [row], batches = [batch], parked = [], from = 0 }: Given) => {
  const violations: Violation[] = [];
  const read: number[] = [];
  const audit = operationAudit(() => undefined);
  for (const [n, event] of whole.entries()) {
    if (n < from) continue;
    const fact = recordedFact(operationKinds, recordedOperationEvent(ID, BigInt(n), event));
    if (fact.kind === 'event') audit.take(STREAM, fact.event);
  }
  const snapshot = { operations: () => pages(rows), operationBatches: () => pages(batches) };
  await checkOperationRows(
    snapshot as Partial<ReadModelSnapshot> as ReadModelSnapshot, // no more of it is looked at
    new Set(parked),
    {
      ...{ audit, knowsAll: from === 0 },
      report: (violation) => violations.push(violation),
      progress: (count) => read.push(count),
    },
  );
  return { violations, read };
};
const rulesOf = async (given: Given) =>
  (await checked(given)).violations.map(({ rule, message }) => `${rule}: ${message}`);

test('rows that say what the log says break nothing, and each is counted', async () => {
  expect(await checked({})).toEqual({ violations: [], read: [1, 2] });
});

const DIFFERS = 'operation-row-differs: operations:';
const OTHER_BATCHES =
  'operation-row-differs: operation_batches has other jobs or other outcomes than the log';

test.each<readonly [string, Partial<OperationAuditRow>, string]>([
  ['status', { status: 'stopping' }, 'status is stopping, the log says running'],
  ['revision', { revision: 2 }, 'revision is 2, the log says 3'],
  ['position', { position: 9 }, 'position is 9, the log says 3'],
  ['selection', { is_selected: false }, 'is_selected is false, the log says true'],
  ['number of batches', { batches: 2 }, 'batches is 2, the log says 1'],
  ['number of jobs', { items: 3 }, 'items is 3, the log says 2'],
  ['progress', { progressed: 0 }, 'progressed is 0, the log says 1'],
  ['count of changed jobs', { changed_items: 2 }, 'changed_items is 2, the log says 1'],
  ['count of unchanged jobs', { unchanged_items: 1 }, 'unchanged_items is 1, the log says 0'],
  ['count of refused jobs', { refused_items: 1 }, 'refused_items is 1, the log says 0'],
  ['count of jobs that were left', { left_items: 0 }, 'left_items is 0, the log says 1'],
  ['beginning', { started_at: 0 }, 'started_at is 1970-01-01T00:00:00.000Z'],
])('a row with another %s is told of', async (_what, changes, message) => {
  const [told = '', ...others] = await rulesOf({ rows: [{ ...row, ...changes }] });
  expect(told.startsWith(`${DIFFERS} ${message}`)).toBe(true);
  expect(others).toEqual([]);
});

test('a row with another definition is told of without the digests, which say nothing to a reader', async () => {
  expect(await rulesOf({ rows: [{ ...row, definition: '{}' }] })).toEqual([
    `${DIFFERS} owner, name, payload, a limit or another part is not what the log has`,
  ]);
});

test('a violation names the operation, its stream and the last event of it', async () => {
  const { violations } = await checked({ rows: [{ ...row, items: 3 }] });
  expect(violations).toMatchObject([
    {
      ...{ subject: ID, streams: [STREAM] },
      events: [{ stream: STREAM, revision: 3n, position: 3n, type: 'OperationProgressed' }],
    },
  ]);
});

test('a row of an operation that the log does not have is told of, and has no events', async () => {
  const { violations } = await checked({ rows: [row, { ...row, operation_id: OTHER }] });
  expect(violations).toEqual([
    {
      rule: 'operation-row-unknown',
      message: 'operations has a row, the log has no such operation',
      ...{ subject: OTHER, events: [], streams: [`operation-${OTHER}`] },
    },
  ]);
});

test('an operation without its row is told of', async () => {
  expect(await rulesOf({ rows: [] })).toEqual([
    'operation-row-missing: operations has no row of the operation',
  ]);
});

test.each<readonly [string, readonly BatchAuditRow[]]>([
  ['that are missing', []],
  ['of other jobs', [{ ...batch, job_ids: jobIds.toReversed() }]],
  ['of other outcomes', [{ ...batch, outcomes: ['left', 'changed'] }]],
  ['of no outcomes yet', [{ ...batch, outcomes: null }]],
  ['with another number', [{ ...batch, batch: 1 }]],
  ['that come twice', [batch, batch]],
])('batches %s are told of', async (_what, batches) => {
  expect(await rulesOf({ batches })).toEqual([OTHER_BATCHES]);
});

test('batches of an operation that nobody knows are told of by its row alone', async () => {
  expect(await rulesOf({ batches: [batch, { ...batch, operation_id: OTHER }] })).toEqual([]);
});

test('of a stream whose only event cannot be read nothing is known, so no row is missed', async () => {
  const violations: Violation[] = [];
  const audit = operationAudit(() => undefined);
  const place = { stream: STREAM, revision: 0n, position: 0n, type: 'OperationStarted' };
  audit.skip(place, 'it makes no sense', false);
  const nothing = { operations: () => pages([]), operationBatches: () => pages([]) };
  await checkOperationRows(
    nothing as Partial<ReadModelSnapshot> as ReadModelSnapshot, // no more of it is looked at
    new Set(),
    {
      ...{ audit, knowsAll: true, progress: () => undefined },
      report: (violation) => violations.push(violation),
    },
  );
  expect(violations).toEqual([]);
});

test('of a stream that is parked nothing is told: its rows are known to be behind', async () => {
  expect(await rulesOf({ rows: [], batches: [], parked: [STREAM] })).toEqual([]);
  expect(await rulesOf({ rows: [{ ...row, items: 9 }], batches: [], parked: [STREAM] })).toEqual(
    [],
  );
});

test('a log that was read from its middle on tells of an operation what its last event says, and of others nothing', async () => {
  const strange = { ...row, items: 9, definition: '{}' };
  expect(await rulesOf({ from: 2, rows: [strange, { ...row, operation_id: OTHER }] })).toEqual([]);
  expect(await rulesOf({ from: 2, rows: [{ ...strange, revision: 2 }] })).toEqual([
    `${DIFFERS} revision is 2, the log says 3`,
  ]);
});
