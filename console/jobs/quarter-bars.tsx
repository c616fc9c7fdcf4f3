import { memo, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { count, hourMinute } from '../time/format';
import type { Quarter } from './day-load';
import type { Range } from './quarter-range';

const jobsText = (jobs: number): string =>
  jobs === 0 ? 'nothing due' : `${count(jobs)} ${jobs === 1 ? 'job' : 'jobs'}`;

/** `09:00 to 10:30: 312 jobs` */
export const rangeText = (
  quarters: readonly Quarter[],
  { first, last }: Range,
  zone: string,
): string => {
  const within = quarters.slice(first, last + 1);
  const [begin, end] = [within[0], within.at(-1)];
  if (!begin || !end) return '';
  const jobs = within.reduce((sum, quarter) => sum + quarter.jobs, 0);
  return `${hourMinute(begin.at, zone)} to ${hourMinute(end.to, zone)}: ${jobsText(jobs)}`;
};

/** By the square root: one that is crowded leaves the others to be seen. */
const heightOf = (jobs: number, most: number): number => Math.sqrt(jobs / most) * 100;

const idOf = (index: number): string => `quarter-${index}`;

type BarsProps = {
  readonly quarters: readonly Quarter[];
  readonly zone: string;
  /** The quarter that is now; −1: another day. */
  readonly nowIndex: number;
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly at: number | undefined;
};

const Bars = memo(({ quarters, zone, nowIndex, first = 0, last = -1, at }: BarsProps) => {
  const most = Math.max(1, ...quarters.map(({ jobs }) => jobs));
  return quarters.map((quarter, index) => (
    <div
      key={quarter.at}
      id={idOf(index)}
      role="gridcell"
      aria-label={rangeText(quarters, { first: index, last: index }, zone)}
      aria-selected={index >= first && index <= last}
      className={[
        'quarter',
        ...(index < nowIndex ? ['quarter-past'] : []),
        ...(index === nowIndex ? ['quarter-now'] : []),
        ...(index === at ? ['quarter-at'] : []),
      ].join(' ')}
    >
      {quarter.jobs > 0 && <span style={{ height: `${heightOf(quarter.jobs, most)}%` }} />}
    </div>
  ));
});
Bars.displayName = 'Bars';

const MOVES: Readonly<Record<string, number>> = {
  ...{ ArrowLeft: -1, ArrowRight: 1, PageUp: -4, PageDown: 4 },
  ...{ Home: -Infinity, End: Infinity },
};

/** What is being pointed at, or gone over: from where it began to where it is. */
type Hold = { readonly anchor: number; readonly head: number; readonly isDragged: boolean };

export const rangeOf = ({ anchor, head }: Hold): Range => ({
  first: Math.min(anchor, head),
  last: Math.max(anchor, head),
});

type QuarterBarsProps = {
  readonly quarters: readonly Quarter[];
  readonly zone: string;
  readonly nowIndex: number;
  /** What the list shows. */
  readonly shown: Range | undefined;
  readonly onPoint: (range: Range | undefined) => void;
  readonly onChoose: (range: Range) => void;
};

/** Bars of which one, or some in a row, are chosen: dragged over, or by arrows, with shift as far as another one, and Enter. */
export const QuarterBars = ({
  quarters,
  zone,
  nowIndex,
  shown,
  onPoint,
  onChoose,
}: QuarterBarsProps) => {
  const [hold, setHold] = useState<Hold>();
  const end = quarters.length - 1;
  const point = (next: Hold | undefined): void => {
    setHold(next);
    onPoint(next && rangeOf(next));
  };
  const indexAt = ({ currentTarget, clientX }: PointerEvent): number => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const index = Math.floor(((clientX - left) / width) * quarters.length);
    return Math.min(end, Math.max(0, index));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = hold?.head ?? shown?.last ?? Math.max(0, nowIndex);
    const by = MOVES[event.key];
    if (by !== undefined) {
      const head = Math.min(end, Math.max(0, at + by));
      point({ anchor: event.shiftKey ? (hold?.anchor ?? at) : head, head, isDragged: false });
    } else if (event.key === 'Enter') onChoose(hold ? rangeOf(hold) : { first: at, last: at });
    else if (event.key === 'Escape' && hold) point(undefined);
    else return;
    event.preventDefault();
  };
  const chosen = hold ? rangeOf(hold) : shown;

  return (
    <div
      role="grid"
      aria-label="Jobs due by quarter of an hour"
      aria-multiselectable
      aria-activedescendant={hold && idOf(hold.head)}
      tabIndex={0}
      className="strip-bars"
      onKeyDown={onKeyDown}
      onBlur={() => point(undefined)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const index = indexAt(event);
        point({ anchor: index, head: index, isDragged: true });
      }}
      onPointerMove={(event) => {
        const head = indexAt(event);
        point({ anchor: head, isDragged: false, ...(hold?.isDragged && hold), head });
      }}
      onPointerLeave={() => {
        if (hold?.isDragged !== true) point(undefined);
      }}
      onPointerCancel={() => point(undefined)}
      onPointerUp={() => {
        if (hold?.isDragged !== true) return;
        point(undefined);
        onChoose(rangeOf(hold));
      }}
    >
      <div role="row" className="strip-row">
        <Bars
          {...{ quarters, zone, nowIndex }}
          first={chosen?.first}
          last={chosen?.last}
          at={hold?.head}
        />
      </div>
    </div>
  );
};
