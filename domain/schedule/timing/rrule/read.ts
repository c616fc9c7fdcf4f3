import type { Zone, ZoneTables } from '../calendar/zone';
import { TIMING_LIMITS } from '../definition';
import { flaw, isFlaw, quoted, readAll, type Flaw } from '../problem';
import { flawOfParts } from './check-parts';
import { readDate, readDates, type RuleDate } from './dates';
import { readLines, type Line } from './lines';
import { readParts, type Parts } from './read-parts';

/** A date with the zone in which its wall time is meant. */
export type ZonedDate = { readonly date: RuleDate; readonly zone: Zone };

/** The lines of an RRULE text, read. */
export type RuleText = {
  readonly start: RuleDate;
  /** Without it DTSTART itself and the added dates are all. */
  readonly parts?: Parts;
  readonly added: readonly ZonedDate[];
  readonly removed: readonly ZonedDate[];
};

const LINE_NAMES = ['DTSTART', 'RRULE', 'RDATE', 'EXDATE'];

/** The zone that a line names, or else the schedule's. */
const zoneOf = ({ name, parameters }: Line, zone: Zone, zones: ZoneTables): Zone | Flaw => {
  const id = parameters.get('TZID');
  if (id === undefined) return zone;
  return zones.zone(id) ?? flaw(`${name}: there is no time zone ${quoted(id)}`);
};

const readStart = (line: Line, zone: Zone, zones: ZoneTables): RuleDate | Flaw => {
  const named = zoneOf(line, zone, zones);
  if (isFlaw(named)) return named;
  if (named.name !== zone.name)
    return flaw(
      `DTSTART is in ${quoted(named.name)}, but timeZone is ${zone.name}: a schedule has one zone`,
    );
  const start = readDate(line.value);
  if (isFlaw(start)) return flaw(`DTSTART: ${start.flaw}`);
  return start.isUtc && zone.name !== 'Etc/UTC'
    ? flaw(
        `DTSTART ends in Z and so repeats in UTC, but timeZone is ${zone.name}: write the wall time without Z`,
      )
    : start;
};

const readListed = (
  lines: readonly Line[],
  start: RuleDate,
  zone: Zone,
  zones: ZoneTables,
): readonly ZonedDate[] | Flaw => {
  const perLine = readAll(lines, (line) => {
    const named = zoneOf(line, zone, zones);
    if (isFlaw(named)) return named;
    const dates = readDates(line);
    if (isFlaw(dates)) return dates;
    return dates.some(({ hasTime }) => hasTime !== start.hasTime)
      ? flaw(
          `${line.name} holds dates without a time, or DTSTART does: give both times, or neither; for whole days use exclude`,
        )
      : dates.map((date) => ({ date, zone: named }));
  });
  return isFlaw(perLine) ? perLine : perLine.flat();
};

/** UNTIL has to say which instant is the last (RFC 5545, 3.3.10). */
const flawOfUntil = (parts: Parts, start: RuleDate): Flaw | undefined => {
  if (!parts.until || parts.until.hasTime || !start.hasTime) return undefined;
  return flaw(
    'RRULE: UNTIL is a day and does not say which instant is the last: write 20261231T235959 for a wall time, or 20261231T225959Z',
  );
};

/** Reads the lines DTSTART, RRULE, RDATE and EXDATE of RFC 5545. */
export const readRruleText = (text: string, zone: Zone, zones: ZoneTables): RuleText | Flaw => {
  if (text.length > TIMING_LIMITS.rruleLength)
    return flaw(`it is longer than ${TIMING_LIMITS.rruleLength} characters`);
  const lines = readLines(text);
  if (isFlaw(lines)) return lines;
  const named = (name: string): readonly Line[] => lines.filter((line) => line.name === name);
  const strange = lines.find(({ name }) => !LINE_NAMES.includes(name));
  if (strange) return flaw(`${quoted(strange.name)} is none of the lines ${LINE_NAMES.join(', ')}`);
  const [startLine, ...moreStarts] = named('DTSTART');
  const [ruleLine, ...moreRules] = named('RRULE');
  if (!startLine)
    return flaw('DTSTART is missing: the first wall time, such as DTSTART:20260101T090000');
  if (moreStarts.length > 0) return flaw('DTSTART is there twice');
  if (moreRules.length > 0) return flaw('RRULE is there twice: make a schedule of each');
  const start = readStart(startLine, zone, zones);
  if (isFlaw(start)) return start;
  const parts = ruleLine && readParts(ruleLine.value);
  if (isFlaw(parts)) return parts;
  const wrong = parts && (flawOfParts(parts) ?? flawOfUntil(parts, start));
  if (wrong) return wrong;
  const added = readListed(named('RDATE'), start, zone, zones);
  if (isFlaw(added)) return added;
  const removed = readListed(named('EXDATE'), start, zone, zones);
  if (isFlaw(removed)) return removed;
  if (added.length + removed.length > TIMING_LIMITS.listedDates)
    return flaw(`RDATE and EXDATE hold more than ${TIMING_LIMITS.listedDates} dates`);
  return { start, ...(parts && { parts }), added, removed };
};
