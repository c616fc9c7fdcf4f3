import { jobIdOf, JOB_STREAM_PREFIX } from '../../domain/ids';
import { placedFact } from '../../projections/jobs/placed-fact';
import type { Projection } from '../../projections/projection';
import { NO_NOTICE } from '../../projections/writing/notice';
import { parameters, plain, quotedText, unnest } from '../../projections/writing/unnest';

type Scheduled = { readonly jobId: string; readonly ownerId: string; readonly day: string };

const columns = [
  plain<Scheduled>('job_id', 'uuid', ({ jobId }) => jobId),
  quotedText<Scheduled>('owner_id', 'text', ({ ownerId }) => ownerId),
  plain<Scheduled>('day', 'date', ({ day }) => day),
] as const;

/** A job is counted once, however often its event comes. */
const countText = `
  with added as (
    insert into job_days (job_id, owner_id, day) select c.job_id, c.owner_id, c.day from ${unnest(columns)}
    on conflict (job_id) do nothing returning owner_id, day
  )
  insert into owner_days (owner_id, day, jobs) select owner_id, day, count(*) from added group by owner_id, day
  on conflict (owner_id, day) do update set jobs = owner_days.jobs + excluded.jobs`;

/** An owner whose jobs this projection cannot count, and the other one can apply. */
export const UNCOUNTABLE = 'nobody-can-count-me';

/** A second projection of the same streams: how many jobs each owner has scheduled on each day. */
export const ownerDays: Projection = {
  name: 'owner-days',
  tables: {
    job_days: { key: ['job_id'], bucket: 'get_byte(uuid_send(t.job_id), 15)' },
    owner_days: { key: ['owner_id', 'day'], bucket: '0' },
  },
  migrations: [
    {
      name: '9001-owner-days',
      up: async (knex) => {
        await knex.raw(`
          create table job_days (job_id uuid primary key, owner_id text not null, day date not null);
          create table owner_days (owner_id text, day date, jobs bigint not null, primary key (owner_id, day));
          create index owner_days_day on owner_days (day);
        `);
      },
    },
  ],
  prefixes: [JOB_STREAM_PREFIX],
  isMine: (stream) => jobIdOf(stream) !== undefined,
  plan: (events) => {
    const jobs = events.flatMap((event): readonly Scheduled[] => {
      if (event.type !== 'JobScheduled') return [];
      const fact = placedFact(event);
      if (fact.type !== 'JobScheduled') return [];
      const { ownerId } = fact.data;
      if (ownerId === UNCOUNTABLE) throw new Error('this owner cannot be counted');
      return [{ jobId: jobIdOf(event.stream) ?? '', ownerId, day: fact.recordedAt.slice(0, 10) }];
    });
    const values = parameters(columns, jobs);
    return {
      statements: jobs.length === 0 ? [] : [{ name: 'owner_days_count', text: countText, values }],
      partitions: [],
      notice: NO_NOTICE,
    };
  },
  trims: [],
  noticeOfAll: () => Promise.resolve(NO_NOTICE),
  rebuild: 'by-plan',
};
