import { Notice } from '../frame/notice';
import type { DryRun, OperationKind } from '../http/answers';
import { Status } from '../jobs/status';
import { count } from '../time/format';
import { Moment } from '../time/moment';
import { found as foundText } from './dry-run-words';

type DryRunResultProps = {
  readonly kind: OperationKind;
  /** The statuses that the list is narrowed to; undefined: all, or jobs that were picked by hand. */
  readonly shown: readonly string[] | undefined;
  /** Undefined as long as it is not known. */
  readonly found: DryRun | undefined;
  readonly error: unknown;
};

/** What it would be about now: how many, and those that are due soonest. */
export const DryRunResult = ({ kind, shown, found, error }: DryRunResultProps) => {
  if (error) return <Notice error={error} />;
  return (
    <div className="dry-run" aria-busy={!found}>
      <p role="status">
        <b>{found ? foundText(kind, found, shown) : 'Counting, without changing anything…'}</b>
      </p>
      {found && found.sample.length > 0 && (
        <ul className="items" aria-label="Those that are due soonest">
          {found.sample.map((job) => (
            <li key={job.jobId}>
              <span dir="auto">{job.name}</span>
              <span className="soft">
                <Moment at={job.dueAt} /> <Status status={job.status} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {found && found.count > found.sample.length && (
        <p className="soft">and {count(found.count - found.sample.length)} more</p>
      )}
    </div>
  );
};
