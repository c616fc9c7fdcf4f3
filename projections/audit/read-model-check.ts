import type { LogAudit } from '../../domain/audit/log-audit';
import type { EventPlace, Violation } from '../../domain/audit/violation';
import { jobIdOf, jobStream, ownIdOf } from '../../domain/ids';
import type { ParkedStream } from '../writing/parking/parked-streams';
import type { ReadModelSnapshot } from '../queries/operating/audit-rows';
import { dueRowBreach, jobRowBreach, type RowBreach } from './compare-rows';
import { checkOperationRows } from './operation-rows-check';
import { checkScheduleRows } from './schedule-rows-check';

export type ReadModelCheckDeps = {
  /** Has taken the log up to the position of the snapshot, and nothing after. */
  readonly audit: Pick<LogAudit, 'jobs' | 'schedules' | 'operations'>;
  readonly report: (violation: Violation) => void;
  /** False when the log was not read from its first event on: rows of jobs that it does not show may be right. */
  readonly knowsAll: boolean;
  readonly progress: (rows: number) => void;
};

const FOUND = 1;
const FOUND_DUE = 2;

const parkedViolation = ({ stream, revision, position, error }: ParkedStream): Violation => ({
  rule: 'parked-stream',
  subject: ownIdOf(stream) ?? stream,
  message: `the read model follows the stream no further: ${error}`,
  events: [{ stream, revision, position, type: 'unreadable' }],
  streams: [stream],
});

/** Holds every row of a snapshot against the jobs, schedules and operations of the log, and every one of these against the rows. */
export const checkReadModel = async (
  snapshot: ReadModelSnapshot,
  deps: ReadModelCheckDeps,
): Promise<void> => {
  const parked = new Set(snapshot.parked.map(({ stream }) => stream));
  await checkJobRows(snapshot, parked, deps);
  await checkScheduleRows(snapshot, parked, { ...deps, audit: deps.audit.schedules });
  await checkOperationRows(snapshot, parked, { ...deps, audit: deps.audit.operations });
  for (const stream of snapshot.parked) deps.report(parkedViolation(stream));
};

const checkJobRows = async (
  snapshot: ReadModelSnapshot,
  parked: ReadonlySet<string>,
  { audit: { jobs: audit }, report, knowsAll, progress }: ReadModelCheckDeps,
): Promise<void> => {
  const marks = new Uint8Array(audit.size());
  let rows = 0;

  const lastPlace = (stream: string): readonly EventPlace[] => {
    const job = audit.standing(stream);
    if (!job) return [];
    const [revision, position] = [BigInt(job.revision), BigInt(job.position)];
    return [{ stream, revision, position, type: job.lastType }];
  };
  const tell = (stream: string, breach: RowBreach | undefined): void => {
    if (!breach) return;
    report({ ...breach, subject: jobIdOf(stream) ?? stream, events: lastPlace(stream) });
  };

  const checkRows = async <Row extends { readonly job_id: string }>(
    pages: AsyncIterable<readonly Row[]>,
    mark: number,
    breachOf: (row: Row, stream: string) => RowBreach | undefined,
  ): Promise<void> => {
    for await (const page of pages) {
      for (const row of page) {
        const stream = jobStream(row.job_id);
        const number = audit.numberOf(stream);
        if (parked.has(stream) || (number === undefined && !knowsAll)) continue;
        const breach = breachOf(row, stream);
        if (number !== undefined && breach?.rule !== 'due-row-unknown')
          marks[number] = (marks[number] ?? 0) | mark;
        tell(stream, breach);
      }
      progress((rows += page.length));
    }
  };

  const tellMissing = (): void => {
    for (const [stream, number, { status }] of audit.all()) {
      if (parked.has(stream) || status === 'none') continue;
      const mark = marks[number] ?? 0;
      if ((mark & FOUND) === 0)
        tell(stream, { rule: 'row-missing', message: 'jobs has no row of the job' });
      if (status === 'scheduled' && (mark & FOUND_DUE) === 0)
        tell(stream, {
          rule: 'due-row-missing',
          message: 'the job waits, and due_jobs has no row',
        });
    }
  };

  await checkRows(snapshot.jobs(), FOUND, (row, stream) =>
    jobRowBreach(row, audit.standing(stream)),
  );
  await checkRows(snapshot.dueJobs(), FOUND_DUE, (row, stream) =>
    dueRowBreach(row, audit.standing(stream)),
  );
  tellMissing();
};
