import type { JobEvent } from '../../../../domain/job/events';
import { jobChanges } from '../../../../projections/jobs/batch';
import { statusFeedStatements, trimStatusFeed } from '../../../../projections/jobs/status-feed';
import type { Statement } from '../../../../projections/writing/write-session';
import { recorded, testJobId } from '../../../support/job-histories';
import { dispatched, scheduled, started } from '../../../support/jobs';

const changesOf = (...events: readonly (readonly [job: number, event: JobEvent])[]) =>
  jobChanges(
    events.map(([job, event], n) => recorded(testJobId(job), BigInt(n), BigInt(n * 10), event)),
  );

test('a job that is new says its owner and name itself, all others have them in their rows', () => {
  const statements = statusFeedStatements(
    changesOf([1, scheduled({ name: 'a "b"' })], [2, started()], [1, dispatched()]),
  );
  const one = testJobId(1);
  expect(statements.map(({ name, values }) => [name, values])).toEqual([
    [
      'status_feed_created_repeatable',
      [
        ...['{0,20}', `{${one},${one}}`, '{scheduled,queued}', '{0,2}'],
        '{2026-11-23T12:00:00.000Z,2026-11-23T12:00:00.000Z}',
        ...['{1,1}', '{2026-11-23T12:00:50.000Z,2026-11-23T12:00:50.000Z}'],
        ...['{"ada","ada"}', String.raw`{"a \"b\"","a \"b\""}`],
      ],
    ],
    [
      'status_feed_changed_repeatable',
      [
        ...['{10}', `{${testJobId(2)}}`, '{running}', '{1}', '{2026-11-23T12:00:00.000Z}'],
        ...['{NULL}', '{NULL}'],
      ],
    ],
  ]);
});

test('nothing that changed is no statement', () => {
  expect(statusFeedStatements([])).toEqual([]);
});

test('live, an event may come again; in a rebuild it cannot, which a table without a key relies on', () => {
  const changes = changesOf([1, scheduled()]);
  const [live] = statusFeedStatements(changes);
  const [rebuilt] = statusFeedStatements(changes, 'first');
  expect(live?.text).toContain('on conflict (position) do nothing');
  expect(rebuilt?.name).toBe('status_feed_created_first');
  expect(rebuilt?.text).not.toContain('on conflict');
});

test.each`
  removed | more     | why
  ${5}    | ${true}  | ${'as many as were asked for: there may be more'}
  ${4}    | ${false} | ${'fewer: that was all'}
`(
  'after $removed of five rows, $why',
  async ({ removed, more }: { removed: number; more: boolean }) => {
    const sent: Statement[] = [];
    const session = {
      send: (statements: readonly Statement[]) => {
        sent.push(...statements);
        return Promise.resolve([{ rows: [], rowCount: removed }]);
      },
      close: () => Promise.resolve(),
    };
    expect(await trimStatusFeed(session, 1_000, 5)).toBe(more);
    expect(sent.map(({ values }) => values)).toEqual([[5, 1_000]]);
  },
);
