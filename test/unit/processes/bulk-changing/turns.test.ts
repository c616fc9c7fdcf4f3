import type { OpenOperation } from '../../../../projections/queries/operations/open';
import { nextInTurn } from '../../../../processes/bulk-changing/bulk-changer';

const open = (operationId: string, ownerId: string): OpenOperation => ({
  operationId,
  startedPosition: 0n,
  operation: {
    ...{ status: 'running', revision: 3n, startedAt: 0, batches: 1, items: 1, isSelected: true },
    ...{ progressed: 0, changed: 0, unchanged: 0, refused: 0, left: 0 },
    definition: { ownerId, role: 'user', kind: 'cancel', selection: { by: 'ids' } },
  },
});
const idsIn = (all: readonly OpenOperation[]): readonly string[] =>
  all.map(({ operationId }) => operationId);

const all = [open('a1', 'ada'), open('a2', 'ada'), open('b1', 'bob'), open('a3', 'ada')];

test('each owner has one turn in a round, however many operations they have', () => {
  expect(idsIn(nextInTurn(all, 0))).toEqual(['a1', 'b1']);
});

test('operations of one owner come one after the other, so that one that cannot go on holds up none of them', () => {
  const rounds = [0, 1, 2, 3].map((round) => idsIn(nextInTurn(all, round))[0]);
  expect(rounds).toEqual(['a1', 'a2', 'a3', 'a1']);
});
