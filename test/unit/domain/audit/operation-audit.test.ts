import fc from 'fast-check';
import { operationAudit } from '../../../../domain/audit/operation-audit';
import type { Violation } from '../../../../domain/audit/violation';
import type { RecordedEvent } from '../../../../domain/event-log';
import type { OperationEvent } from '../../../../domain/operation/events';
import { operationKinds, recordedFact } from '../../../../projections/audit/stored-fact';
import {
  operationAsks,
  recordedOperation,
  recordedOperationEvent,
} from '../../../support/operation-histories';

const ID = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60bb';
const jobIds = ['019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6001', '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6002'];

const rulesOf = (events: readonly RecordedEvent[]): readonly string[] => {
  const violations: Violation[] = [];
  const audit = operationAudit((violation) => violations.push(violation));
  for (const event of events) {
    const fact = recordedFact(operationKinds, event);
    if (fact.kind === 'event') audit.take(event.stream, fact.event);
    else audit.skip(event, fact.why, false);
  }
  return violations.map(({ rule }) => rule);
};
const history = (...events: readonly OperationEvent[]): readonly RecordedEvent[] =>
  events.map((event, n) => recordedOperationEvent(ID, BigInt(n), event));

const started: OperationEvent = {
  type: 'OperationStarted',
  data: { ownerId: 'ada', role: 'user', kind: 'cancel', selection: { by: 'ids' } },
};
const selected = (batch: number, from: number): OperationEvent => ({
  type: 'OperationSelected',
  data: { batch, from, jobIds },
});
const all = (items: number): OperationEvent => ({
  type: 'OperationSelectionCompleted',
  data: { items },
});
const progressed = (batch: number, from: number, outcomes: readonly string[]): OperationEvent => ({
  type: 'OperationProgressed',
  data: { batch, from, outcomes },
});
const completed = (changed: number, refused: number): OperationEvent => ({
  type: 'OperationCompleted',
  data: { changed, refused, unchanged: 0, left: 0 },
});
const whole = [started, selected(0, 0), all(2)] as const;
const done = progressed(0, 0, ['changed', 'job-running']);

test('whatever is asked in whatever order, what is decided breaks no rule', () => {
  fc.assert(
    fc.property(operationAsks, (asks) => {
      expect(rulesOf(recordedOperation(asks).events)).toEqual([]);
    }),
  );
});

test.each<[string, readonly OperationEvent[], readonly string[]]>([
  ['all of it in order', [...whole, done, completed(1, 1)], []],
  ['a selection that began again', [started, selected(0, 0), selected(0, 0), all(2)], []],
  ['a batch that is left out', [started, selected(1, 2)], ['operation-order']],
  ['a batch that overlaps', [started, selected(0, 0), selected(1, 1)], ['operation-order']],
  ['more jobs than were selected', [started, selected(0, 0), all(3)], ['operation-sum']],
  ['a batch that is told twice', [...whole, done, done], ['operation-order']],
  ['a batch that nobody selected', [...whole, done, progressed(1, 2, [])], ['operation-order']],
  ['another sum of what changed', [...whole, done, completed(2, 0)], ['operation-sum']],
  ['an end before all are told', [...whole, completed(0, 0)], ['operation-sum']],
  ['progress before the selection', [started, done], ['legal-transition', 'operation-order']],
  [
    'anything after the end',
    [...whole, done, completed(1, 1), done],
    ['after-the-end', 'operation-order'],
  ],
])('%s', (_what, events, rules) => {
  expect(rulesOf(history(...events))).toEqual(rules);
});

test('an event whose jobs have no ids, or outcomes that are none, cannot be read', () => {
  const odd = { type: 'OperationSelected', data: { batch: 0, from: 0, jobIds: ['{'] } } as const;
  const strange = progressed(0, 0, ['a,b', '}']);
  expect(rulesOf(history(started, odd))).toEqual(['unreadable-event']);
  expect(rulesOf(history(...whole, strange))).toEqual(['unreadable-event']);
});
