import { useState, type KeyboardEvent } from 'react';
import { count, wallClock } from '../time/format';
import type { Occurrence } from '../http/answers';
import {
  countsOf,
  dayAfter,
  monthAfter,
  monthOf,
  wallTimeOf,
  weeksOf,
  type DayText,
  type MonthText,
  type Outcome,
} from './month';

/** By shape as well as by colour. */
const MARKS: Readonly<Record<Outcome, string>> = {
  planned: '○',
  running: '◐',
  ran: '●',
  failed: '✕',
  skipped: '–',
};

const utc = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(undefined, { timeZone: 'UTC', ...options });
const monthName = utc({ month: 'long', year: 'numeric' });
const weekdayName = utc({ weekday: 'short' });
const dayName = utc({ dateStyle: 'full' });

const idOf = (day: DayText): string => `day-${day}`;

const timeIn = (one: Occurrence, zone: string): string =>
  wallClock(wallTimeOf(one, zone).slice(11, 16));

const labelOf = ({ day, of, isWhole, zone }: Omit<CellProps, 'classes' | 'isChosen'>): string => {
  const [only, ...others] = of;
  const counts = countsOf(of).map(([outcome, many]) => `${count(many)} ${outcome}`);
  const at = only && others.length === 0 ? ` at ${timeIn(only, zone)}` : '';
  const what = counts.length === 0 ? (isWhole ? 'nothing' : 'not counted') : counts.join(', ');
  return `${dayName.format(Date.parse(day))}: ${what}${at}`;
};

type CellProps = {
  readonly day: DayText;
  readonly of: readonly Occurrence[];
  /** Whether all of its runs are known. */
  readonly isWhole: boolean;
  readonly zone: string;
  readonly classes: string;
  readonly isChosen: boolean;
};

const Cell = ({ day, of, isWhole, zone, classes, isChosen }: CellProps) => {
  const [only, ...others] = of;
  return (
    <div role="gridcell" id={idOf(day)} data-day={day} aria-selected={isChosen} className={classes}>
      <span className="cal-said">{labelOf({ day, of, isWhole, zone })}</span>
      <span aria-hidden>
        <span className="cal-day">{Number(day.slice(8))}</span>
        {countsOf(of).map(([outcome, many]) => (
          <span key={outcome} className={`cal-mark cal-${outcome}`}>
            {MARKS[outcome]}{' '}
            <span className="wide-only">
              {only && others.length === 0 && many === 1
                ? timeIn(only, zone)
                : `${count(many)} ${outcome}`}
            </span>
            <span className="narrow-only">{count(many)}</span>
          </span>
        ))}
        {!isWhole && of.length === 0 && <span className="soft">…</span>}
      </span>
    </div>
  );
};

const MOVES: Readonly<Record<string, (day: DayText) => DayText>> = {
  ArrowLeft: (day) => dayAfter(day, -1),
  ArrowRight: (day) => dayAfter(day, 1),
  ArrowUp: (day) => dayAfter(day, -7),
  ArrowDown: (day) => dayAfter(day, 7),
  PageUp: (day) => monthAfter(day, -1),
  PageDown: (day) => monthAfter(day, 1),
};

type CalendarProps = {
  readonly zone: string;
  readonly month: MonthText;
  readonly today: DayText;
  readonly chosen: DayText | undefined;
  readonly days: ReadonlyMap<DayText, readonly Occurrence[]>;
  /** The last day whose runs are all known; undefined: of all. */
  readonly wholeUntil: DayText | undefined;
  readonly isReading: boolean;
  readonly onMonth: (month: MonthText) => void;
  readonly onDay: (day: DayText | undefined) => void;
};

/** A month of runs; one stop for the keyboard, arrows move within and Page Up and Down go from month to month. */
export const Calendar = (props: CalendarProps) => {
  const { zone, month, today, chosen, days, wholeUntil, isReading, onMonth, onDay } = props;
  const [place, setPlace] = useState<DayText>();
  const usual = chosen ?? (monthOf(today) === month ? today : `${month}-01`);
  const active = place !== undefined && monthOf(place) === month ? place : undefined;
  const weeks = weeksOf(month);

  const goTo = (day: DayText): void => {
    setPlace(day);
    if (monthOf(day) !== month) onMonth(monthOf(day));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // keys come faster than the address follows: the next one goes on from where the last one went
    const at = place ?? usual;
    const to = MOVES[event.key]?.(at);
    if (to === undefined && event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    if (to === undefined) {
      onDay(at === chosen ? undefined : at);
      return;
    }
    goTo(to);
  };
  const classesOf = (day: DayText): string =>
    [
      'cal-cell',
      ...(monthOf(day) === month ? [] : ['cal-other']),
      ...(day === today ? ['cal-today'] : []),
      ...(day === chosen ? ['cal-chosen'] : []),
      ...(day === active ? ['cal-active'] : []),
    ].join(' ');

  return (
    <>
      <div className="cal-head">
        <button
          type="button"
          className="button button-plain"
          aria-label="The month before"
          onClick={() => goTo(monthAfter(`${month}-01`, -1))}
        >
          ‹
        </button>
        <b aria-live="polite">{monthName.format(Date.parse(`${month}-01`))}</b>
        <button
          type="button"
          className="button button-plain"
          aria-label="The next month"
          onClick={() => goTo(monthAfter(`${month}-01`, 1))}
        >
          ›
        </button>
        <button
          type="button"
          className="button button-plain"
          disabled={monthOf(today) === month}
          onClick={() => goTo(today)}
        >
          This month
        </button>
      </div>
      <div
        role="grid"
        aria-label={`Runs of ${monthName.format(Date.parse(`${month}-01`))}`}
        aria-activedescendant={active && idOf(active)}
        aria-busy={isReading}
        tabIndex={0}
        className="cal"
        onFocus={() => setPlace((before) => before ?? usual)}
        onKeyDown={onKeyDown}
        onClick={({ target }) => {
          const day = target instanceof Element ? target.closest('[data-day]') : null;
          const found = day?.getAttribute('data-day') ?? undefined;
          if (found === undefined) return;
          setPlace(found);
          onDay(found === chosen ? undefined : found);
        }}
      >
        <div role="row" className="cal-row cal-names">
          {(weeks[0] ?? []).map((day) => (
            <div role="columnheader" key={day}>
              {weekdayName.format(Date.parse(day))}
            </div>
          ))}
        </div>
        {weeks.map((week) => (
          <div role="row" className="cal-row" key={week[0]}>
            {week.map((day) => (
              <Cell
                key={day}
                day={day}
                zone={zone}
                of={days.get(day) ?? []}
                isWhole={wholeUntil === undefined || day <= wholeUntil}
                classes={classesOf(day)}
                isChosen={day === chosen}
              />
            ))}
          </div>
        ))}
      </div>
      {!isReading && wholeUntil !== undefined && wholeUntil < (weeks.at(-1)?.at(-1) ?? '') && (
        <p className="told">
          Counted up to {dayName.format(Date.parse(wholeUntil))}: there are more runs than a
          calendar takes in. Choose a day to see all of its runs.
        </p>
      )}
      <p className="hint">
        ○ planned · ◐ running · ● ran · ✕ failed · – skipped. Arrows move, Enter shows a day, Page
        Up and Page Down another month.
      </p>
    </>
  );
};
