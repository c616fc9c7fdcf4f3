import { wallOf, type WallSeconds } from '../calendar/local-time';
import { instantsOf, type Zone } from '../calendar/zone';
import type { ClockChange } from '../definition';
import { flaw, isFlaw, quoted, readAll, type Flaw } from '../problem';
import type { Line } from './lines';

/** A date or time of RFC 5545: `20261231`, `20261231T235959`, `20261231T235959Z`. */
export type RuleDate = {
  readonly wall: WallSeconds;
  /** Of UTC, not of a zone. */
  readonly isUtc: boolean;
  readonly hasTime: boolean;
};

const DATE = /^(\d{4})(\d{2})(\d{2})(T(\d{2})(\d{2})(\d{2})(Z?))?$/;

export const readDate = (text: string): RuleDate | Flaw => {
  const parts = DATE.exec(text.toUpperCase());
  const [year = 0, month = 0, day = 0, , hour = 0, minute = 0, second = 0] =
    parts?.slice(1).map((part) => Number(part || 0)) ?? [];
  const wall = parts ? wallOf([year, month, day], [hour, minute, second]) : undefined;
  return wall === undefined
    ? flaw(
        `${quoted(text)} is not a date and time such as 20261231T090000, or 20261231T080000Z in UTC`,
      )
    : { wall, isUtc: parts?.[8] === 'Z', hasTime: parts?.[4] !== undefined };
};

/** The dates of an RDATE or EXDATE line. */
export const readDates = ({ name, value, parameters }: Line): readonly RuleDate[] | Flaw => {
  if (parameters.get('VALUE')?.toUpperCase() === 'PERIOD')
    return flaw(
      `${name} with VALUE=PERIOD has ends, which a schedule has none of: write its starts alone`,
    );
  const dates = readAll(value.split(','), readDate);
  return isFlaw(dates) ? flaw(`${name}: ${dates.flaw}`) : dates;
};

/** The instants that a date stands for: as an occurrence at this wall time would be placed. */
export const instantsOfDate = (
  { wall, isUtc }: RuleDate,
  zone: Zone,
  clockChange: ClockChange,
): readonly number[] => (isUtc ? [wall] : instantsOf(zone, wall, clockChange));
