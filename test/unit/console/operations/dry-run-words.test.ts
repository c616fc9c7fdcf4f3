import type { DryRun } from '../../../../console/http/answers';
import { found } from '../../../../console/operations/dry-run-words';

const dryRun = (more: Partial<DryRun>): DryRun => ({
  ...{ dryRun: true, kind: 'cancel', count: 214, sample: [], others: [], isComplete: true },
  ...more,
});
const mixed: DryRun['others'] = [
  { status: 'running', count: 7 },
  { status: 'succeeded', count: 9_650 },
];

test('a dry run tells how many there are in all, and why it is not about the others: most of them first', () => {
  expect(found('cancel', dryRun({ others: mixed }), undefined)).toBe(
    '214 of 9,871 jobs would be cancelled: 9,650 have succeeded, 7 are running.',
  );
  expect(found('cancel', dryRun({}), undefined)).toBe('214 jobs would be cancelled.');
});

test('what the list does not show is not told: nobody has chosen from it', () => {
  const of = dryRun({ others: mixed });
  expect(found('cancel', of, ['scheduled'])).toBe('214 jobs would be cancelled.');
  expect(found('move', of, ['scheduled', 'running'])).toBe(
    '214 of 221 jobs would be moved: 7 are running.',
  );
});

test('of more than were looked at it is told that there may be more', () => {
  const one = dryRun({ others: [{ status: 'succeeded', count: 1 }], isComplete: false });
  expect(found('cancel', one, undefined)).toBe(
    '214 of 215+ jobs would be cancelled: 1+ have succeeded.',
  );
});

test('what has started since the list was read is told, also where the list does not show it any more', () => {
  const since = dryRun({ others: mixed, startedSince: 3 });
  expect(found('cancel', since, ['scheduled'])).toBe(
    '214 jobs would be cancelled. 3 have started since the list was read.',
  );
  expect(found('cancel', dryRun({ count: 0, startedSince: 1 }), undefined)).toBe(
    'None of them can be cancelled now. 1 has started since the list was read.',
  );
});

test('of jobs that were picked also those are told that are not there', () => {
  const none = dryRun({ count: 0, others: [{ status: 'cancelled', count: 1 }], unknown: 1 });
  expect(found('redrive', none, undefined)).toBe(
    'None of 2 jobs would be run again: 1 is cancelled, 1 is not there.',
  );
});
