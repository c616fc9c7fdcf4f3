import { useQuery } from '@tanstack/react-query';
import { Link } from '../frame/link';
import type { Schedule } from '../http/answers';
import { readFresh } from '../http/client';
import { moment } from '../time/format';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';

const KEPT_MS = 60_000;

type OfScheduleProps = { readonly scheduleId: string; readonly occurrenceAt: string | undefined };

/** Which schedule a job is a run of, and when by the clocks of that one where the page shows others. */
export const OfSchedule = ({ scheduleId, occurrenceAt }: OfScheduleProps) => {
  const { zone } = useZone();
  const now = useNow();
  const { data } = useQuery({
    queryKey: ['job-schedule', scheduleId],
    queryFn: ({ signal }) => readFresh<Schedule>(`v1/schedules/${scheduleId}`, {}, signal),
    staleTime: KEPT_MS,
  });
  return (
    <>
      <Link to={`/schedules/${scheduleId}`} dir="auto">
        {data?.name ?? 'the schedule it is a run of'}
      </Link>
      {data && occurrenceAt !== undefined && data.timeZone !== zone && (
        <span className="under">
          its run of {moment(Date.parse(occurrenceAt), data.timeZone, now)}, {data.timeZone}
        </span>
      )}
    </>
  );
};
