import { makeJob, withdrawJob } from '../../../../commands/schedules/schedule-jobs';
import { StreamContended } from '../../../../domain/event-log';
import { NOBODYS, benchOf } from '../../../support/schedule-bench';
import { at as time, definition } from '../../../support/schedules';

describe('the job of an occurrence', () => {
  const planned = {
    ...{ scheduleId: NOBODYS, definition, jobId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6001' },
    ...{ occurrenceAt: time('10:10'), dueAt: time('10:12') },
  };

  test('is made once, however many make it', async () => {
    const { deps, job } = benchOf();
    expect(await makeJob(deps, planned)).toBe('made');
    expect(await makeJob({ ...deps, clock: { now: () => time('10:06') } }, planned)).toBe('made');
    const [event, ...others] = await job(planned.jobId);
    expect(event?.data).toMatchObject({
      ...{ occurrenceAt: '2026-12-07T10:10:00.000Z', dueAt: '2026-12-07T10:12:00.000Z' },
    });
    expect(event?.data).not.toHaveProperty('maxLatenessMs');
    expect(others).toEqual([]);
  });

  test.each`
    ofJob        | ofPlan       | limit    | why
    ${5_000}     | ${undefined} | ${5_000} | ${'the user has said so'}
    ${undefined} | ${3_000}     | ${3_000} | ${'the rule for missed runs says so'}
    ${5_000}     | ${3_000}     | ${3_000} | ${'the stricter one holds'}
    ${2_000}     | ${3_000}     | ${2_000} | ${'the stricter one holds'}
  `(
    'may be $limit ms late when the job says $ofJob and the plan $ofPlan: $why',
    async (row: { ofJob?: number; ofPlan?: number; limit: number }) => {
      const { deps, job } = benchOf();
      const limits = row.ofJob === undefined ? {} : { maxLatenessMs: row.ofJob };
      await makeJob(deps, {
        ...planned,
        definition: { ...definition, job: { ...definition.job, ...limits } },
        maxLatenessMs: row.ofPlan,
      });
      expect((await job(planned.jobId))[0]?.data).toMatchObject({ maxLatenessMs: row.limit });
    },
  );

  test('that nobody made yet is made and cancelled, so that nobody makes it later', async () => {
    const { deps, jobTypes, job } = benchOf();
    expect(await withdrawJob(deps, planned, 'it was paused')).toBe('withdrawn');
    expect(await jobTypes(planned.jobId)).toEqual(['JobScheduled', 'JobCancelled']);
    expect((await job(planned.jobId)).at(-1)?.data).toMatchObject({ reason: 'it was paused' });
    expect(await withdrawJob(deps, planned, 'it was paused')).toBe('withdrawn');
    expect(await makeJob(deps, planned)).toBe('there');
    expect(await jobTypes(planned.jobId)).toHaveLength(2);
  });

  test('that is not there and of which no more is known than its id is left', async () => {
    const { deps, jobTypes } = benchOf();
    const { scheduleId, jobId } = planned;
    expect(await withdrawJob(deps, { scheduleId, jobId }, 'it was deleted')).toBe('left');
    expect(await jobTypes(jobId)).toEqual([]);
  });

  test('for which every race is lost is told as contended, after ten of them', async () => {
    let tries = 0;
    const { deps } = benchOf({
      wrap: (log) => ({
        ...log,
        append: () => {
          tries += 1;
          return Promise.resolve({ outcome: 'conflict' } as never);
        },
      }),
    });
    await expect(withdrawJob(deps, planned, 'it was paused')).rejects.toThrow(StreamContended);
    expect(tries).toBe(10);
  });
});
