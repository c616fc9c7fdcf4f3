import { lazy, Suspense, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { Link, useGo } from '../frame/link';
import { Notice } from '../frame/notice';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';
import { gridOf, type Cell, type Late } from './grid';
import { HeatMap } from './heat-map';
import { LoadTable } from './load-table';
import { useLoad } from './use-load';
import { canGo, middleAfter, readMiddle, STEP_MS, STEPS, windowOf, type Step } from './window';
import { WindowNav } from './window-nav';
import { summary } from './words';

const LatenessChart = lazy(async () => ({
  default: (await import('./lateness-chart')).LatenessChart,
}));

const NAMES: Readonly<Record<Step, string>> = {
  minute: '24 hours by minute',
  hour: '4 weeks by hour',
  day: '7 weeks by day',
};

const NONE: readonly Late[] = [];

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
  const [search, setSearch] = useSearchParams();
  const step = stepIn(search);
  const { zone } = useZone();
  const leave = useGo();
  // a new minute is a new picture; a second is not
  const now = Math.floor(useNow() / STEP_MS.minute) * STEP_MS.minute;
  const middle = readMiddle(search.get('at'), step, now);
  const window = useMemo(() => windowOf(step, middle ?? now), [step, middle, now]);
  const { forecast, lateness, planned, ...load } = useLoad(window, now);
  const rows = useMemo(
    () => gridOf(window, { forecast, lateness, planned }, zone, now),
    [window, forecast, lateness, planned, zone, now],
  );
  const cells = useMemo(
    () => rows.flatMap((row) => row.cells.flatMap((cell) => cell ?? [])),
    [rows],
  );
  const error = load.asked.find((one) => one.error)?.error;
  const { isReading } = load;
  const isEmpty =
    middle === undefined &&
    load.isWhole &&
    cells.every(({ jobs, planned: runs }) => jobs + runs === 0);
  const look = (at: number | undefined): void =>
    setSearch((before) => {
      const after = new URLSearchParams(before);
      if (at === undefined) after.delete('at');
      else after.set('at', new Date(at).toISOString());
      return after;
    });
  const go = (ways: 1 | -1): void => {
    if (canGo(window, ways, now)) look(middleAfter(step, middle ?? now, ways, now));
  };
  const open = ({ at, to }: Cell): void => {
    const due = { from: new Date(at).toISOString(), to: new Date(to).toISOString() };
    leave(`/jobs?${new URLSearchParams(due).toString()}`);
  };

  return (
    <>
      <title>Load · Punctual</title>
      <div className="head">
        <h1>Load</h1>
      </div>
      <StepChips step={step} />
      <WindowNav
        {...{ window, zone, now }}
        isNow={middle === undefined}
        onGo={go}
        onNow={() => look(undefined)}
      />
      {error && (
        <Notice
          error={error}
          onRetry={() => void Promise.all(load.asked.map((one) => one.refetch()))}
        />
      )}
      {isEmpty && (
        <div className="empty">
          <h2>Nothing was due, and nothing is to come</h2>
          <p>
            <Link to="/jobs/new">Schedule a job</Link>, or look{' '}
            <Link to="/load?step=day">further by day</Link>.
          </p>
        </div>
      )}
      {load.isRead && !isEmpty && (
        <>
          <p className="load-sum">
            {isReading ? 'Reading…' : summary(cells, step, zone, now)}
            {planned?.isComplete === false &&
              ' There are more schedules than were counted: of their runs there are at least so many.'}
          </p>
          <section className="panel load-part" aria-labelledby="load-due">
            <h2 id="load-due">Due</h2>
            <HeatMap {...{ rows, step, zone, now, isReading }} onOpen={open} onGo={go} />
          </section>
          {!load.isAhead && (
            <section className="panel load-part" aria-labelledby="load-late">
              <h2 id="load-late">From due to started</h2>
              <p className="chart-key">
                <span className="line line-half">half within</span>
                <span className="line line-90">90 %</span>
                <span className="line line-99">99 %</span>
              </p>
              <div className="chart-room">
                <Suspense fallback={null}>
                  <LatenessChart
                    {...{ step, zone, now, from: window.from, to: window.to }}
                    buckets={lateness?.buckets ?? NONE}
                  />
                </Suspense>
              </div>
            </section>
          )}
          <LoadTable {...{ cells, step, zone, now }} />
        </>
      )}
    </>
  );
};
