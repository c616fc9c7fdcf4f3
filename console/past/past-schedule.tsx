import { useInfiniteQuery } from '@tanstack/react-query';
import { Notice } from '../frame/notice';
import { ShowMore } from '../frame/show-more';
import type { OccurrencePage } from '../http/answers';
import { read } from '../http/client';
import { isProblem } from '../http/problem';
import { OccurrenceRow } from '../schedules/occurrence-row';
import { ScheduleAbout } from '../schedules/schedule-about';
import { instantOf } from './as-of';
import { PastList } from './past-list';
import { ScheduleDifference } from './schedule-difference';
import { OF_THE_PAST } from './use-past';
import { usePastSchedule } from './use-past-schedule';

/** How far before the moment the list of occurrences begins. */
const BACK_MS = 24 * 60 * 60_000;
const PAGE = '30';

const usePastOccurrences = (scheduleId: string, asOf: string, isThere: boolean) => {
  const at = instantOf(asOf);
  const from = at === undefined ? undefined : new Date(at - BACK_MS).toISOString();
  return useInfiniteQuery({
    queryKey: ['past', 'schedule', scheduleId, asOf, 'occurrences'],
    queryFn: ({ pageParam, signal }) =>
      read<OccurrencePage>(
        `v1/schedules/${scheduleId}/occurrences`,
        { asOf, from, limit: PAGE, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: at !== undefined && isThere,
    ...OF_THE_PAST,
  });
};

type PastScheduleProps = { readonly scheduleId: string; readonly asOf: string };

/** A schedule as it stood then, with what had become of its occurrences and which were to come. */
export const PastSchedule = ({ scheduleId, asOf }: PastScheduleProps) => {
  const schedule = usePastSchedule(scheduleId, asOf);
  const query = usePastOccurrences(scheduleId, asOf, schedule.data !== undefined);
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const isUnknown = isProblem(schedule.error, 'schedule-not-found');
  const error = isUnknown ? undefined : (schedule.error ?? query.error);

  return (
    <PastList asOf={asOf} isReading={schedule.isFetching || query.isFetching}>
      {isUnknown && (
        <div className="empty">
          <h2>It was not made yet</h2>
          <p>Go to a later moment.</p>
        </div>
      )}
      {error && <Notice error={error} onRetry={() => void query.refetch()} />}
      {schedule.data && !schedule.error && (
        <>
          <title>{`${schedule.data.name} as it stood · Punctual`}</title>
          <div className="head">
            <div className="head-title">
              <h1 dir="auto">{schedule.data.name}</h1>
              <span className={`status status-${schedule.data.status}`}>
                {schedule.data.status}
              </span>
            </div>
          </div>
          <div className="columns">
            <section className="panel" aria-labelledby="past-runs">
              <h2 id="past-runs">Its runs, from the day before</h2>
              {query.isSuccess && items.length === 0 && (
                <p className="soft">None had been, and none was to come.</p>
              )}
              <ol className="occurrences">
                {items.map((occurrence) => (
                  <OccurrenceRow
                    key={`${occurrence.occurrenceAt} ${occurrence.jobId ?? ''} ${occurrence.origin}`}
                    occurrence={occurrence}
                    zone={schedule.data.timeZone}
                  />
                ))}
              </ol>
              <ShowMore query={query} />
            </section>
            <div>
              <ScheduleAbout schedule={schedule.data} />
              <ScheduleDifference asOf={asOf} schedule={schedule.data} />
            </div>
          </div>
        </>
      )}
    </PastList>
  );
};
