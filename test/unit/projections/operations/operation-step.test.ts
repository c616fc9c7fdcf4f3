import type { RecordedEvent } from '../../../../domain/event-log';
import type { OperationEvent } from '../../../../domain/operation/events';
import { operationRounds } from '../../../../projections/operations/operation-step';
import { recordedOperationEvent } from '../../../support/operation-histories';

const ids = {
  a: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60aa',
  b: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60bb',
} as const;

const started: OperationEvent = {
  type: 'OperationStarted',
  data: { ownerId: 'ada', role: 'user', kind: 'cancel', selection: { by: 'ids' } },
};
const selected = (batch: number): OperationEvent => ({
  type: 'OperationSelected',
  data: { batch, from: 0, jobIds: [] },
});
const all: OperationEvent = { type: 'OperationSelectionCompleted', data: { items: 0 } };
const told = (batch: number): OperationEvent => ({
  type: 'OperationProgressed',
  data: { batch, from: 0, outcomes: [] },
});

type Given = readonly (readonly [whose: keyof typeof ids, event: OperationEvent])[];

const logOf = (given: Given): readonly RecordedEvent[] =>
  given.map(([whose, event], n) => recordedOperationEvent(ids[whose], BigInt(n), event));

/** Rounds as `a0 b1+2`: whose step, of which revisions. */
const roundsOf = (given: Given): readonly string[] =>
  operationRounds(logOf(given)).map((steps) =>
    steps
      .map(({ operationId, facts }) => {
        const revisions = facts.map(({ revision }) => revision).join('+');
        return `${operationId === ids.a ? 'a' : 'b'}${revisions}`;
      })
      .join(' '),
  );

test.each<readonly [string, Given, readonly string[]]>([
  ['nothing is no round', [], []],
  [
    'what one operation does comes in its order',
    [
      ['a', started],
      ['a', all],
    ],
    ['a0', 'a1'],
  ],
  [
    'what two do comes together',
    [
      ['a', started],
      ['b', started],
      ['b', all],
    ],
    ['a0 b1', 'b2'],
  ],
  [
    'batches in a row are one step',
    [
      ['a', selected(0)],
      ['a', selected(1)],
      ['a', selected(2)],
      ['a', all],
      ['a', told(0)],
      ['a', told(1)],
    ],
    ['a0+1+2', 'a3', 'a4+5'],
  ],
  [
    'a selection that begins anew is a step of its own: the rows before it go first',
    [
      ['a', selected(0)],
      ['a', selected(1)],
      ['a', selected(0)],
    ],
    ['a0+1', 'a2'],
  ],
  [
    'batches of different kinds are no one step',
    [
      ['a', selected(0)],
      ['a', told(0)],
      ['a', selected(1)],
      ['a', all],
      ['a', all],
    ],
    ['a0', 'a1', 'a2', 'a3', 'a4'],
  ],
])('%s', (_why, given, rounds) => {
  expect(roundsOf(given)).toEqual(rounds);
});

test('a step carries what its rows need: whose, where in the log, and when as it was written', () => {
  const [event] = logOf([['a', all]]);
  if (!event) throw new Error('one event');
  const [[step] = []] = operationRounds([{ ...event, position: 70n }]);
  expect(step).toEqual({
    operationId: ids.a,
    facts: [
      expect.objectContaining({
        operationId: ids.a,
        ...{ revision: 0n, position: 70n, recordedAt: '2026-11-23T12:00:00.000Z' },
      }),
    ],
  });
  expect(step?.facts[0]).not.toHaveProperty('metadata');
});

test('the end of a stream that was deleted changes nothing, and an event of a stranger is refused', () => {
  const [event] = logOf([['a', all]]);
  if (!event) throw new Error('one event');
  expect(operationRounds([{ ...event, type: '$streamDeleted' }])).toEqual([]);
  expect(() => operationRounds([{ ...event, stream: 'operation-x' }])).toThrow(
    'operation-x is no stream of an operation',
  );
});
