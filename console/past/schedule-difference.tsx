import { useSearchParams } from 'react-router';
import { Notice } from '../frame/notice';
import type { Schedule } from '../http/answers';
import { useSchedule } from '../schedules/use-schedule';
import { instantOf } from './as-of';
import { differences } from './difference';
import { DifferenceTable } from './difference-table';
import { MomentField } from './moment-field';
import { usePastSchedule } from './use-past-schedule';

const NAMES: Readonly<Record<string, string>> = {
  name: 'Name',
  status: 'Status',
  note: 'Why',
  timeZone: 'Zone',
  'timing.cron': 'Cron',
  'timing.every': 'Every so often',
  'timing.rrule': 'Calendar rule',
  'clockChange.gap': 'When clocks leave its hour out',
  'clockChange.overlap': 'When clocks show its hour twice',
  monthEnd: 'When a month is too short',
  exclude: 'Days without a run',
  startAt: 'Not before',
  endAt: 'Not after',
  maxCount: 'Runs at most',
  spreadMs: 'Spread',
  offsetMs: 'Starts later by',
  ruleSince: 'Rule since',
  whenStillRunning: 'If the last run is still going',
  'whenMissed.policy': 'If nothing ran for a while',
  'job.location': 'What runs',
  'job.payload': 'Payload',
  'job.queue': 'Queue',
};

/** They change with each run that is planned, which nobody has changed. */
const BY_ITSELF: ReadonlySet<string> = new Set(['revision', 'position', 'next']);

type ScheduleDifferenceProps = { readonly schedule: Schedule; readonly asOf: string };

/** What differs between the moment that is shown and another one: now, or any that has passed. */
export const ScheduleDifference = ({ schedule, asOf }: ScheduleDifferenceProps) => {
  const [search, setSearch] = useSearchParams();
  const given = search.get('with') ?? '';
  const otherAt = instantOf(given);
  const present = useSchedule(schedule.scheduleId);
  const past = usePastSchedule(schedule.scheduleId, given);
  const { data, error } = otherAt === undefined ? present : past;
  const choose = (at: number | undefined): void =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (at === undefined) after.delete('with');
        else after.set('with', new Date(at).toISOString());
        return after;
      },
      { replace: true, preventScrollReset: true },
    );
  return (
    <section className="panel difference" aria-labelledby="schedule-difference">
      <h2 id="schedule-difference">What is different</h2>
      <div className="past-control">
        <span>Compared with {otherAt === undefined ? 'now, or' : ''}</span>
        <MomentField
          key={given}
          label="The other moment"
          at={otherAt ?? instantOf(asOf) ?? 0}
          onPick={choose}
        />
        {otherAt !== undefined && (
          <button type="button" className="button button-plain" onClick={() => choose(undefined)}>
            With now
          </button>
        )}
      </div>
      {error && <Notice error={error} />}
      {data && !error && (
        <DifferenceTable
          found={differences(schedule, data).filter(({ field }) => !BY_ITSELF.has(field))}
          names={NAMES}
          other={otherAt === undefined ? 'Now' : 'At the other moment'}
        />
      )}
    </section>
  );
};
