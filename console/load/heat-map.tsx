import { memo, useState, type KeyboardEvent } from 'react';
import { LEVELS, levelOf, type Cell, type GridRow } from './grid';
import type { Step } from './window';
import { cellText, jobsText } from './words';

type HeatMapProps = {
  readonly rows: readonly GridRow[];
  readonly step: Step;
  readonly zone: string;
  readonly now: number;
  /** What is in it is not known yet. */
  readonly isReading: boolean;
  readonly onOpen: (cell: Cell) => void;
  /** To the window before, or to the next one. */
  readonly onGo: (ways: 1 | -1) => void;
};

const idOf = (row: number, column: number): string => `heat-${row}-${column}`;

type RowProps = Pick<HeatMapProps, 'step' | 'zone' | 'now'> & {
  readonly row: GridRow;
  readonly index: number;
  readonly most: number;
  /** The column that the keyboard is at. */
  readonly active: number | undefined;
};

const HeatRow = memo(({ row, index, most, active, step, zone, now }: RowProps) => (
  <div role="row" className={`heat-row heat-row-${step}`}>
    <div role="rowheader" className="heat-label">
      {row.label}
    </div>
    {row.cells.map((cell, column) => (
      <div
        role="gridcell"
        key={column}
        id={idOf(index, column)}
        aria-label={cell ? cellText(cell, step, zone, now) : 'Not shown'}
        data-place={cell && `${index} ${column}`}
        className={[
          cell ? `heat heat-${levelOf(cell.jobs + cell.planned, most)}` : 'heat-none',
          ...(cell?.isAhead ? ['heat-ahead'] : []),
          ...(cell && cell.planned > cell.jobs ? ['heat-planned'] : []),
          ...(active === column ? ['heat-active'] : []),
        ].join(' ')}
      />
    ))}
  </div>
));

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

const WAYS: Readonly<Record<string, 1 | -1>> = { PageUp: -1, PageDown: 1 };

const placeOf = (target: EventTarget): readonly [number, number] | undefined => {
  const text = target instanceof HTMLElement ? target.dataset['place'] : undefined;
  const [row, column] = text?.split(' ').map(Number) ?? [];
  return row === undefined || column === undefined ? undefined : [row, column];
};

/** How much is due, darker where it is more; one stop for the keyboard, arrows move within. */
export const HeatMap = (props: HeatMapProps) => {
  const { rows, step, zone, now, isReading, onOpen, onGo } = props;
  const [place, setPlace] = useState<readonly [number, number]>();
  const [row, column] = place ?? [];
  const cell = place && rows[place[0]]?.cells[place[1]];
  const most = Math.max(
    1,
    ...rows.flatMap(({ cells }) => cells.map((one) => (one?.jobs ?? 0) + (one?.planned ?? 0))),
  );
  /** To the minute: what is told of a cell changes no more often. */
  const minute = Math.floor(now / 60_000) * 60_000;

  const nowPlace = (): readonly [number, number] => {
    const index = rows.findIndex(({ cells }) => cells.some((one) => one?.isAhead));
    const at = rows[index]?.cells.findIndex((one) => one?.isAhead) ?? 0;
    return [Math.max(0, index), Math.max(0, at)];
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && cell) onOpen(cell);
    const move = MOVES[event.key];
    const ways = WAYS[event.key];
    if (!move && !ways) return;
    event.preventDefault();
    if (ways) onGo(ways);
    if (!move) return;
    const [fromRow, fromColumn] = place ?? nowPlace();
    const to = [fromRow + move[0], fromColumn + move[1]] as const;
    if (rows[to[0]]?.cells[to[1]]) setPlace(to);
  };

  return (
    <>
      <div
        role="grid"
        aria-label={`Jobs due by ${step}`}
        aria-activedescendant={place && idOf(place[0], place[1])}
        aria-busy={isReading}
        tabIndex={0}
        className="heat-map"
        onFocus={() => setPlace((before) => before ?? nowPlace())}
        onKeyDown={onKeyDown}
        onPointerOver={({ target }) => {
          const found = placeOf(target);
          if (found) setPlace(found);
        }}
        onClick={({ target }) => {
          const found = placeOf(target);
          const clicked = found && rows[found[0]]?.cells[found[1]];
          if (clicked) onOpen(clicked);
        }}
      >
        {rows.map((one, index) => (
          <HeatRow
            key={one.label + String(index)}
            {...{ row: one, index, most, step, zone, now: minute }}
            active={index === row ? column : undefined}
          />
        ))}
      </div>
      <div className="heat-foot">
        <p>
          {cell
            ? cellText(cell, step, zone, minute)
            : 'Point at a field, or go to it by arrows; Enter shows its jobs, Page Up and Page Down another time.'}
        </p>
        <p className="heat-legend" aria-hidden>
          none
          {Array.from({ length: LEVELS + 1 }, (_, level) => (
            <span key={level} className={`heat heat-${level}`} />
          ))}
          {jobsText(most)} <span className="heat heat-3 heat-ahead" /> to come{' '}
          <span className="heat heat-3 heat-ahead heat-planned" /> planned by schedules
        </p>
      </div>
    </>
  );
};
