import { lazy, Suspense, useMemo } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { Notice } from '../frame/notice';
import { useNow } from '../time/now';
import { useSameZone, useZone } from '../time/zone';
import { gridOf, STEP_MS, STEPS, windowOf, type Cell, type Step } from './grid';
import { HeatMap } from './heat-map';
import { LoadTable } from './load-table';
import { useLoad } from './use-load';
import { summary } from './words';

const LatenessChart = lazy(async () => ({
  default: (await import('./lateness-chart')).LatenessChart,
}));

const NAMES: Readonly<Record<Step, string>> = {
  minute: '24 hours by minute',
  hour: '4 weeks by hour',
  day: '7 weeks by day',
};

const stepIn = (search: URLSearchParams): Step =>
  STEPS.find((step) => step === search.get('step')) ?? 'minute';

const StepChips = ({ step }: { readonly step: Step }) => {
  const [search] = useSearchParams();
  const searchOf = (one: Step): string => {
    const after = new URLSearchParams(search);
    after.set('step', one);
    return after.toString();
  };
  return (
    <nav className="chips" aria-label="Load by">
      {STEPS.map((one) => (
        <Link
          key={one}
          className="chip"
          to={{ search: searchOf(one) }}
          aria-current={one === step ? 'true' : undefined}
        >
          {NAMES[one]}
        </Link>
      ))}
    </nav>
  );
};

/** What was due and how late it started, what is to come, and where it crowds. */
export const LoadPage = () => {
  const [search] = useSearchParams();
  const step = stepIn(search);
  const { zone } = useZone();
  const sameZone = useSameZone();
  const navigate = useNavigate();
  // a new minute is a new picture; a second is not
  const now = Math.floor(useNow() / STEP_MS.minute) * STEP_MS.minute;
  const { from, forecast, lateness, planned } = useLoad(step);
  const rows = useMemo(
    () =>
      gridOf(
        windowOf(step, now),
        { forecast: forecast.data, lateness: lateness.data, planned: planned.data },
        zone,
        now,
      ),
    [step, now, forecast.data, lateness.data, planned.data, zone],
  );
  const cells = useMemo(
    () => rows.flatMap((row) => row.cells.flatMap((cell) => cell ?? [])),
    [rows],
  );
  const error = forecast.error ?? lateness.error ?? planned.error;
  const isRead = forecast.isSuccess && lateness.isSuccess;
  const isEmpty =
    isRead && planned.isSuccess && cells.every(({ jobs, planned: runs }) => jobs + runs === 0);
  const open = ({ at, to }: Cell): void => {
    const due = { from: new Date(at).toISOString(), to: new Date(to).toISOString() };
    void navigate(sameZone(`/jobs?${new URLSearchParams(due).toString()}`));
  };

  return (
    <>
      <title>Load · Punctual</title>
      <div className="head">
        <h1>Load</h1>
      </div>
      <StepChips step={step} />
      {error && (
        <Notice
          error={error}
          onRetry={() =>
            void Promise.all([forecast.refetch(), lateness.refetch(), planned.refetch()])
          }
        />
      )}
      {isEmpty && (
        <div className="empty">
          <h2>Nothing was due, and nothing is to come</h2>
          <p>
            <Link to={sameZone('/jobs/new')}>Schedule a job</Link>, or look{' '}
            <Link to={sameZone('/load?step=day')}>further by day</Link>.
          </p>
        </div>
      )}
      {isRead && !isEmpty && (
        <>
          <p className="load-sum">
            {summary(cells, step, zone, now)}
            {planned.data?.isComplete === false &&
              ' There are more schedules than were counted: of their runs there are at least so many.'}
          </p>
          <section className="panel load-part" aria-labelledby="load-due">
            <h2 id="load-due">Due</h2>
            <HeatMap {...{ rows, step, zone, now }} onOpen={open} />
          </section>
          <section className="panel load-part" aria-labelledby="load-late">
            <h2 id="load-late">From due to started</h2>
            <p className="chart-key">
              <span className="line line-half">half within</span>
              <span className="line line-90">90 %</span>
              <span className="line line-99">99 %</span>
            </p>
            <div className="chart-room">
              <Suspense fallback={null}>
                <LatenessChart {...{ step, from, zone, now }} buckets={lateness.data.buckets} />
              </Suspense>
            </div>
          </section>
          <LoadTable {...{ cells, step, zone, now }} />
        </>
      )}
    </>
  );
};
