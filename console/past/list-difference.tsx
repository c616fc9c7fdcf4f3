import { useLocation, useSearchParams } from 'react-router';
import { Link } from '../frame/link';
import { Notice } from '../frame/notice';
import { ShowMore } from '../frame/show-more';
import type { JobDifference, JobDifferences } from '../http/answers';
import { sessionStore } from '../http/session';
import type { Filter } from '../jobs/filter';
import { Status } from '../jobs/status';
import { count } from '../time/format';
import { Moment } from '../time/moment';
import { instantOf, sameMoment } from './as-of';
import { MomentField } from './moment-field';
import { NOW, type useListDifference } from './use-list-difference';

type Change = JobDifference['change'];

const CHANGES: Readonly<Record<Change, string>> = {
  appeared: 'Appeared',
  left: 'Left',
  'status-changed': 'Other status',
  moved: 'Moved',
};
const ALL = Object.keys(CHANGES) as readonly Change[]; // the keys that it was written with

/** Sets and takes away what the address says of the comparison. */
const useAddress = () => {
  const [search, setSearch] = useSearchParams();
  const set = (changes: Readonly<Record<string, string | undefined>>): void =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, text] of Object.entries(changes))
          if (text === undefined) after.delete(name);
          else after.set(name, text);
        return after;
      },
      { replace: true, preventScrollReset: true },
    );
  return { search, set };
};

/** The list as it stood, or in what it differs from another moment. */
export const DifferenceChoice = () => {
  const { search, set } = useAddress();
  const isCompared = search.has('with');
  return (
    <button
      type="button"
      className="button button-plain"
      aria-pressed={isCompared}
      onClick={() => set(isCompared ? { with: undefined, change: undefined } : { with: NOW })}
    >
      {isCompared ? 'Back to the list' : 'What is different now'}
    </button>
  );
};

type ThenProps = { readonly then: JobDifference['before']; readonly isMoved: boolean };

const Then = ({ then, isMoved }: ThenProps) =>
  then ? (
    <td>
      <Status status={then.status} />
      {isMoved && (
        <span className="under">
          due <Moment at={then.dueAt} isExact />
        </span>
      )}
    </td>
  ) : (
    <td className="soft">was not there</td>
  );

const Row = ({ job }: { readonly job: JobDifference }) => {
  const { search } = useLocation();
  const isOperator = sessionStore.current()?.role === 'operator';
  const { before, after } = job;
  const isMoved = before !== undefined && after !== undefined && before.dueAt !== after.dueAt;
  return (
    <tr>
      <th scope="row">
        <Link to={`/jobs/${job.jobId}${before ? sameMoment(search) : ''}`} dir="auto">
          {job.name}
        </Link>
        <span className="under">
          {CHANGES[job.change].toLowerCase()} · {job.queue}
          {isOperator && ` · ${job.ownerId}`}
        </span>
      </th>
      <Then then={before} isMoved={isMoved} />
      <Then then={after} isMoved={isMoved} />
    </tr>
  );
};

type ChipsProps = { readonly counts: JobDifferences['counts'] | undefined };

const Chips = ({ counts }: ChipsProps) => {
  const { search, set } = useAddress();
  const chosen = search.get('change') ?? undefined;
  const chip = (name: string, change: string | undefined, jobs: number | undefined) => (
    <button
      key={name}
      type="button"
      className="chip"
      aria-pressed={chosen === change}
      onClick={() => set({ change })}
    >
      {name}
      <b>{jobs === undefined ? '' : count(jobs)}</b>
    </button>
  );
  return (
    <div className="chips" role="group" aria-label="What has changed">
      {chip('All', undefined, counts && ALL.reduce((sum, one) => sum + counts[one], 0))}
      {ALL.map((one) => chip(CHANGES[one], one, counts?.[one]))}
    </div>
  );
};

type JobsProps = {
  readonly jobs: readonly JobDifference[];
  /** Heading of the other moment. */
  readonly other: string;
};

const Jobs = ({ jobs, other }: JobsProps) => (
  <table>
    <thead>
      <tr>
        <th scope="col">Job</th>
        <th scope="col">As it stood</th>
        <th scope="col">{other}</th>
      </tr>
    </thead>
    <tbody>
      {jobs.map((job) => (
        <Row key={job.jobId} job={job} />
      ))}
    </tbody>
  </table>
);

type ListDifferenceProps = {
  readonly asOf: string;
  readonly filter: Filter;
  readonly query: ReturnType<typeof useListDifference>;
};

/** In what the list differs between the moment that is shown and another one: now, or any that has passed. */
export const ListDifference = ({ asOf, filter, query }: ListDifferenceProps) => {
  const { search, set } = useAddress();
  const other = search.get('with') ?? NOW;
  const [first] = query.data?.pages ?? [];
  const jobs = query.data?.pages.flatMap((page) => page.items) ?? [];
  const at = instantOf(other === NOW ? (first?.with ?? '') : other);
  const isNone = query.isSuccess && !query.isPlaceholderData && jobs.length === 0;
  return (
    <section className="panel difference" aria-label="What is different">
      <div className="past-control">
        <span>Compared with {other === NOW ? 'now, or' : ''}</span>
        <MomentField
          key={other}
          label="The other moment"
          at={at ?? instantOf(asOf) ?? 0}
          onPick={(picked) => set({ with: new Date(picked).toISOString() })}
        />
        {other !== NOW && (
          <button type="button" className="button button-plain" onClick={() => set({ with: NOW })}>
            With now
          </button>
        )}
      </div>
      <Chips counts={first?.counts} />
      {query.error && <Notice error={query.error} onRetry={() => void query.refetch()} />}
      {isNone && (
        <p className="soft">
          {Object.keys(filter).length > 0 || search.has('change')
            ? 'No job that fits differs.'
            : 'Nothing: the list stood the same.'}
        </p>
      )}
      {!query.error && jobs.length > 0 && (
        <Jobs jobs={jobs} other={other === NOW ? 'Now' : 'At the other moment'} />
      )}
      <ShowMore query={query} />
    </section>
  );
};
