import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Preview, Schedule } from '../http/answers';
import { ask } from '../http/client';
import { Problem } from '../http/problem';
import { CrowdingNote } from '../jobs/crowding';
import { nextClockChange } from '../time/clock-change';
import { day, relative } from '../time/format';
import { useNow } from '../time/now';

export type Rule = Pick<
  Schedule,
  'timing' | 'timeZone' | 'clockChange' | 'monthEnd' | 'exclude' | 'startAt' | 'endAt' | 'maxCount'
>;

/** All of a schedule that decides when it runs. */
export const ruleIn = ({
  timing,
  timeZone,
  clockChange,
  monthEnd,
  exclude,
  startAt,
  endAt,
  maxCount,
}: Rule): Rule => ({
  ...{ timing, timeZone },
  ...(clockChange && { clockChange }),
  ...(monthEnd && { monthEnd }),
  ...(exclude && { exclude }),
  ...(startAt !== undefined && { startAt }),
  ...(endAt !== undefined && { endAt }),
  ...(maxCount !== undefined && { maxCount }),
});

const SHOWN = 6;
const A_DAY_MS = 24 * 60 * 60_000;
const BEFORE_CHANGE_MS = 36 * 60 * 60_000;

/** What a rule comes to. @throws Problem */
export const previewOf = async (body: object, signal: AbortSignal): Promise<Preview> => {
  const response = await ask('v1/schedules/preview', { method: 'POST', body, signal });
  return (await response.json()) as Preview; // as the API describes it
};

/** What a rule comes to, next and around the next change of clocks. */
const usePreview = (rule: Rule) => {
  const changeAt = useMemo(() => nextClockChange(rule.timeZone, Date.now()), [rule.timeZone]);
  const next = useQuery({
    queryKey: ['preview', rule],
    queryFn: ({ signal }) => previewOf({ ...rule, count: SHOWN }, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const around = useQuery({
    queryKey: ['preview', rule, changeAt],
    queryFn: ({ signal }) => {
      const from = new Date((changeAt ?? 0) - BEFORE_CHANGE_MS).toISOString();
      return previewOf({ ...rule, from, count: 60 }, signal);
    },
    enabled: changeAt !== undefined && next.isSuccess,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  return { next, around, changeAt };
};

/** `Mon 30 Nov` and `02:30 +01:00` of `2026-11-30T02:30:00+01:00`. */
const wallClock = (localTime: string): readonly [time: string, offset: string] => {
  const [, time = '', offset = ''] = /T(\d{2}:\d{2}(?::\d{2})?)(.*)$/.exec(localTime) ?? [];
  return [time.endsWith(':00') && time.length > 5 ? time.slice(0, 5) : time, offset];
};

type LineProps = {
  readonly dueAt: string;
  readonly localTime: string;
  readonly note?: string | undefined;
  readonly zone: string;
};

const OccurrenceLine = ({ dueAt, localTime, note, zone }: LineProps) => {
  const now = useNow();
  const at = Date.parse(dueAt);
  const [time, offset] = wallClock(localTime);
  return (
    <li>
      <span>{day(at, zone, now)}</span>
      <span>
        {time} <span className="soft">{offset}</span>
      </span>
      <span className="soft">{Math.abs(at - now) < A_DAY_MS ? relative(at, now, zone) : ''}</span>
      {note !== undefined && <span className="note">{note}</span>}
    </li>
  );
};

/** Clock changes concern those that have a note; where none has, the ones beside the change show that nothing moves. */
const AroundChange = ({
  found,
  changeAt,
  zone,
}: {
  readonly found: Preview;
  readonly changeAt: number;
  readonly zone: string;
}) => {
  const now = useNow();
  const near = found.occurrences.filter(
    ({ dueAt }) => Math.abs(Date.parse(dueAt) - changeAt) < BEFORE_CHANGE_MS,
  );
  const noted = near.filter(({ note }) => note !== undefined);
  const isQuiet = noted.length === 0 && found.skipped.length === 0;
  return (
    <section className="panel">
      <h2>When clocks change, {day(changeAt, zone, now)}</h2>
      <ul className="preview">
        {noted.map((one) => (
          <OccurrenceLine key={one.dueAt} {...one} zone={zone} />
        ))}
        {found.skipped.slice(0, 3).map(({ localTime, reason }) => (
          <li key={localTime}>
            <span>{localTime.replace('T', ' ').slice(0, 16)}</span>
            <span className="note">left out: {reason}</span>
          </li>
        ))}
      </ul>
      {isQuiet && (
        <p className="soft">No run of this rule falls on what clocks leave out or show twice.</p>
      )}
    </section>
  );
};

const whyNot = (error: Error): string => {
  if (!(error instanceof Problem)) return 'The rule cannot be read.';
  return error.errors[0]?.reason ?? `${error.message}. ${error.detail}`;
};

type PreviewPanelProps = {
  readonly rule: Rule;
  /** A quieter minute was chosen for it; absent where the rule is a text that has to be written. */
  readonly onChoose?: ((dueAt: string) => void) | undefined;
};

export const PreviewPanel = ({ rule, onChoose }: PreviewPanelProps) => {
  const { next, around, changeAt } = usePreview(rule);
  const zone = rule.timeZone;
  return (
    <div aria-live="polite">
      <section className="panel">
        <h2>Next</h2>
        {next.error && <p className="wrong">{whyNot(next.error)}</p>}
        {next.data && !next.error && (
          <>
            <ul className="preview">
              {next.data.occurrences.map((one) => (
                <OccurrenceLine key={one.dueAt} {...one} zone={zone} />
              ))}
            </ul>
            <CrowdingNote dueAt={next.data.occurrences[0]?.dueAt} onChoose={onChoose} />
            {next.data.meaning.map((sentence) => (
              <p key={sentence} className="hint">
                {sentence}
              </p>
            ))}
          </>
        )}
      </section>
      {around.data && changeAt !== undefined && !next.error && (
        <AroundChange found={around.data} changeAt={changeAt} zone={zone} />
      )}
    </div>
  );
};
