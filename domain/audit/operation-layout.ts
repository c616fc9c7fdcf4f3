import type { OperationTrace } from '../operation/event-kinds/kind';
import { operationEventTypes } from '../operation/events';
import { operationStatuses } from '../operation/state';
import type { TraceLayout } from './trace-table';

const statuses: readonly OperationTrace['status'][] = ['none', ...operationStatuses];
const statusCodes = new Map(statuses.map((status, code) => [status, code]));

/** Code 0 is no event, or one that could not be read. */
const lastTypes: readonly string[] = ['', ...operationEventTypes];
const typeCodes = new Map(lastTypes.map((type, code) => [type, code]));

const HEADLESS = 0x100;
const SELECTED = 0x200;

const numbers = [
  'revision',
  'position',
  'startedAt',
  'definition',
  'batches',
  'items',
  'progressed',
  'told',
  'changed',
  'unchanged',
  'refused',
  'left',
  'selectedDigest',
  'outcomesDigest',
] as const satisfies readonly (keyof OperationTrace)[];

const empty = (): OperationTrace => ({
  revision: -1,
  position: -1,
  lastType: '',
  isHeadless: false,
  status: 'none',
  startedAt: Number.NaN,
  definition: Number.NaN,
  isSelected: false,
  ...{ batches: 0, items: 0, progressed: 0, told: 0 },
  ...{ changed: 0, unchanged: 0, refused: 0, left: 0 },
  ...{ selectedDigest: 0, outcomesDigest: 0 },
});

/** There are few operations beside jobs: their fields are not written out. */
export const operationLayout: TraceLayout<OperationTrace> = {
  empty,
  floats: numbers.length,
  counts: 2,
  loadFloats: (floats, at, operation) => {
    for (const [index, name] of numbers.entries())
      operation[name] = floats[at + index] ?? Number.NaN;
  },
  saveFloats: (floats, at, operation) => {
    for (const [index, name] of numbers.entries()) floats[at + index] = operation[name];
  },
  loadCounts: (counts, at, operation) => {
    const bits = counts[at] ?? 0;
    operation.status = statuses[bits & 0xff] ?? 'none';
    operation.isHeadless = (bits & HEADLESS) !== 0;
    operation.isSelected = (bits & SELECTED) !== 0;
    operation.lastType = lastTypes[counts[at + 1] ?? 0] ?? '';
  },
  saveCounts: (counts, at, operation) => {
    counts[at] =
      (statusCodes.get(operation.status) ?? 0) |
      (operation.isHeadless ? HEADLESS : 0) |
      (operation.isSelected ? SELECTED : 0);
    counts[at + 1] = typeCodes.get(operation.lastType) ?? 0;
  },
};
