import {
  ahead,
  behind,
  freshLane,
  hasMore,
  reached,
  readInPart,
  readWhole,
  takeIn,
  takeInBehind,
  type Lane,
} from '../../../../processes/dispatching/lane';
import type { DueRow } from '../../../../projections/queries/dispatching/due-jobs';
import { dueRow, nthJobId } from '../../../support/due-rows';

const HORIZON = 10_000;
const cursor = (n: number, dueAt = 1_000) => ({ dueAt, jobId: nthJobId(n) });
const ada = dueRow(9, { ownerId: 'ada' });

let lane: Lane;
beforeEach(() => {
  lane = freshLane(3);
});

const offering =
  (full: readonly string[]) =>
  ({ ownerId }: DueRow): boolean =>
    !full.includes(ownerId);
const bob = (n: number) => dueRow(n, { ownerId: 'bob' });

test('a lane of which nothing was read is read from its beginning, and swept not at all', () => {
  expect(ahead(lane, HORIZON)).toStrictEqual({ lane: 3, dueUpTo: HORIZON });
  expect(reached(lane)).toBeUndefined();
  expect(readWhole(lane)).toEqual([]);
  expect(readInPart(lane)).toEqual([]);
  expect(hasMore(lane, HORIZON)).toBe(true);
});

test('after a page it is read from the last row on, and after the last page from the horizon', () => {
  takeIn(lane, [dueRow(1), dueRow(2)], false, HORIZON, offering([]));
  expect(lane.read).toEqual(cursor(2));
  expect(ahead(lane, HORIZON)).toEqual({ lane: 3, dueUpTo: HORIZON, after: cursor(2) });
  expect(readWhole(lane)).toEqual([{ lane: 3, dueUpTo: 1_000, jobUpTo: nthJobId(2) }]);
  expect(hasMore(lane, HORIZON)).toBe(true);
  takeIn(lane, [], true, HORIZON, offering([]));
  expect(lane.read).toEqual(behind(HORIZON));
  expect(hasMore(lane, HORIZON)).toBe(false);
});

test('an owner without room stops the reading at the first of his rows, and others of the page are taken', () => {
  const taken: string[] = [];
  const offer = (row: DueRow): boolean => {
    const isTaken = offering(['ada'])(row);
    if (isTaken) taken.push(row.jobId);
    return isTaken;
  };
  takeIn(lane, [bob(1), dueRow(2), bob(3)], true, HORIZON, offer);
  expect(taken).toEqual([nthJobId(1), nthJobId(3)]);
  expect(lane.read).toEqual(cursor(1));
  expect([...lane.full.keys()]).toEqual(['default/ada']);
});

test('what was passed over counts until all that is behind it was read', () => {
  lane.readOfOthers = cursor(5);
  lane.full.set('default/ada', ada);
  takeIn(lane, [dueRow(4)], false, HORIZON, offering([]));
  expect(lane.readOfOthers).toEqual(cursor(5));
  takeIn(lane, [dueRow(6), bob(7)], false, HORIZON, offering(['bob']));
  expect(lane.readOfOthers).toEqual(cursor(5)); // some of them found no room
  takeIn(lane, [dueRow(7)], false, HORIZON, offering([]));
  expect(lane.readOfOthers).toBeUndefined();
});

test('what was passed over up to exactly there was read as well', () => {
  lane.readOfOthers = cursor(5);
  takeIn(lane, [dueRow(5)], false, HORIZON, offering([]));
  expect(lane.readOfOthers).toBeUndefined();
});

test.each([
  ['the one when only it is there', cursor(1), undefined, cursor(1)],
  ['the other when only that is there', undefined, cursor(2), cursor(2)],
  ['the later by id', cursor(1), cursor(2), cursor(2)],
  ['the later by id, the other way round', cursor(2), cursor(1), cursor(2)],
  ['the later by time, whatever the id', cursor(9, 1_000), cursor(1, 2_000), cursor(1, 2_000)],
  ['the later by time, the other way round', cursor(1, 2_000), cursor(9), cursor(1, 2_000)],
])('rows behind what was reached come by hints: %s', (_why, read, readOfOthers, far) => {
  expect(reached({ ...lane, read, readOfOthers })).toEqual(far);
});

test('what was read in part is swept without those who have no room, behind what was read whole', () => {
  lane.readOfOthers = cursor(5);
  expect(readInPart(lane)).toEqual([]); // all have room
  lane.full.set('default/ada', ada);
  const span = { lane: 3, dueUpTo: 1_000, jobUpTo: nthJobId(5), passing: [ada] };
  expect(readInPart(lane)).toStrictEqual([span]);
  lane.read = cursor(2);
  expect(readInPart(lane)).toStrictEqual([{ ...span, after: cursor(2) }]);
});

describe('rows behind the cursor', () => {
  test('are taken in and leave it where it is', () => {
    lane.read = cursor(9);
    expect(takeInBehind(lane, undefined, [dueRow(1), dueRow(2)], offering([]))).toBe(true);
    expect(lane.read).toEqual(cursor(9));
  });

  test('without room take it back to the row before them, so that they are read again', () => {
    lane.read = cursor(9);
    const rows = [cursor(1), bob(2), dueRow(3), bob(4)];
    expect(takeInBehind(lane, cursor(0), rows, offering(['ada']))).toBe(false);
    expect(lane.read).toEqual(cursor(2));
    expect([...lane.full.keys()]).toEqual(['default/ada']);
  });

  test('of which the very first has no room take it back to where they began', () => {
    lane.read = cursor(9);
    takeInBehind(lane, cursor(1), [dueRow(2)], offering(['ada']));
    expect(lane.read).toEqual(cursor(1));
    takeInBehind(lane, undefined, [dueRow(2)], offering(['ada']));
    expect(lane.read).toBeUndefined();
  });

  test('never take it forward', () => {
    lane.read = cursor(1);
    takeInBehind(lane, cursor(5), [dueRow(6)], offering(['ada']));
    expect(lane.read).toEqual(cursor(1));
    lane.read = undefined;
    takeInBehind(lane, cursor(5), [dueRow(6)], offering(['ada']));
    expect(lane.read).toBeUndefined();
  });
});
