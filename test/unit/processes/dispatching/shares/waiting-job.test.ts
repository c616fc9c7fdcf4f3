import { jobDueHead, messageIdOf } from '../../../../../processes/protocol/job-due';
import { waitingJob } from '../../../../../processes/dispatching/shares/waiting-job';
import { dueRow } from '../../../../support/due-rows';

test('a message names the revision that its dispatch will have, so that a second one of it is stored once', () => {
  const row = dueRow(7, { revision: 4n, maxLatenessMs: 0 });
  const sent = { ...row, revision: 5n };
  expect(waitingJob(row)).toEqual({
    ...{ jobId: row.jobId, dueAt: 1_000, attempt: 1, revision: 4n, timeoutMs: 60_000 },
    ...{ maxLatenessMs: 0, shard: 7, queue: 'default', ownerId: 'ada' },
    ...{ messageId: messageIdOf(sent), messageHead: jobDueHead(sent) },
  });
});

test('a job that may be as late as it likes has no limit, not one of none', () => {
  expect(Object.keys(waitingJob(dueRow(7)))).not.toContain('maxLatenessMs');
});
