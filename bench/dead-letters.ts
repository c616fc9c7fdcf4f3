import type { Knex } from 'knex';
import type { JobFilter } from '../domain/job/filter';
import { deadLetters } from '../projections/queries/dead-letters';
import { jobQueries } from '../projections/queries/jobs';
import { operationPreview } from '../projections/queries/operations/preview';
import { onOwnPostgres } from './own-postgres';
import type { Measurement, Row } from './row';
import { percentiles, quantile, rounded } from './statistics';

const QUERIES = 60;
const WARM_UP = 3;
/** As the API asks. */
const MAX_CAUSES = 200;
const MAX_COUNTED = 50_000;
const MAX_ITEMS = 250_000;
const SAMPLE = 10;
const COUNTED = 10_000;
/** Half of the jobs are his; each of the others has a hundred in a million, all failed or none. */
const HEAVY = 'heavy';
const SMALL = 'owner-21';

/** A tenth of the jobs has failed for good: a third of these of one error, the rest of a thousand others. */
const fill = async (db: Knex, rows: number): Promise<void> => {
  await db.raw(
    `insert into jobs (job_id, revision, position, due_at, scheduled_at, finished_at, timeout_ms, cutoff_ms, attempt,
                       abort_requested, status, owner_id, name, location, queue, tags, retry, error)
     select gen_random_uuid(), 4, n, now() - n * interval '1 second', now(), now() - n * interval '1 second', 60000, 0, 1,
            false, case when n % 10 < 2 and n % 4 < 2 then 'failed' else 'succeeded' end,
            case n % 2 when 0 then '${HEAVY}' else 'owner-' || n % 10000 end, 'job ' || n, 'print:',
            'queue-' || n % 7, '{}', '{}',
            json_build_object('code', case when n % 3 = 0 then 'HTTP_503' else 'E-' || n % 1000 end,
                              'message', repeat('the partner does not answer ', 8))
     from generate_series(0, ?::integer - 1) n`,
    [rows],
  );
  await db.raw('vacuum analyze jobs');
};

const timed = async (work: () => Promise<unknown>) => {
  const durations: number[] = [];
  for (let run = 0; run < QUERIES + WARM_UP; run++) {
    const startMs = performance.now();
    await work();
    if (run >= WARM_UP) durations.push(performance.now() - startMs);
  }
  const sorted = durations.toSorted((a, b) => a - b);
  return { ...percentiles(durations), p95Ms: rounded(quantile(sorted, 0.95)) };
};

/** What dead letters by cause cost among many jobs, and the list and the dry run of one cause. */
export const deadLetterCauses: Row = {
  name: 'dead-letters',
  measure: async (options) =>
    await onOwnPostgres(options, async ({ db }) => {
      options.note(`making ${options.rows} jobs`);
      await fill(db, options.rows);
      const causes = deadLetters(db);
      const { list } = jobQueries(db);
      const { preview } = operationPreview(db);
      const target = [{ of: 'p95Ms', atMost: 300 }];
      const measurements: Measurement[] = [];
      const measure = async (of: string, work: () => Promise<unknown>): Promise<void> => {
        options.note(of);
        const named = `${of}, ${options.rows / 1e6} M jobs`;
        measurements.push({ of: named, values: await timed(work), target });
      };
      for (const ownerId of [undefined, HEAVY, SMALL]) {
        const whose = ownerId ?? 'everybody';
        const filter: JobFilter = {
          errorCode: 'HTTP_503',
          ...(ownerId !== undefined && { ownerId }),
        };
        const one: JobFilter = { ...filter, queue: 'queue-0', status: ['failed'] };
        await measure(`causes of ${whose}`, () => causes(ownerId, MAX_CAUSES, MAX_COUNTED));
        await measure(`page of one error, ${whose}`, () => list(filter, { limit: 50 }));
        await measure(`dry run of one cause, ${whose}`, () =>
          preview({ filter: one, max: MAX_ITEMS, sample: SAMPLE, upTo: COUNTED }),
        );
      }
      return measurements;
    }),
};
