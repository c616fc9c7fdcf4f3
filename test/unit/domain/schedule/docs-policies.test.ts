import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScheduleDefinition, WhenStillRunning } from '../../../../domain/schedule/definition';
import { calendarsBy } from '../../../../domain/schedule/calendars';
import { displacedBy } from '../../../../domain/schedule/displaced';
import { toTimestamp } from '../../../../domain/time';
import { pinnedZones } from '../../../../infra/tzdata/pinned';
import { zoneTables, type PackedTables } from '../../../../infra/tzdata/unpack';
import { rowsUnder } from '../../../support/doc-tables';
import { becomes } from '../../../support/schedule-steps';
import { at, created, known, MINUTE, plannedAt, SECOND } from '../../../support/schedules';

const fileOf = (...path: readonly string[]): string =>
  readFileSync(join(__dirname, '../../../..', ...path), 'utf8');
const page = fileOf('docs/schedules.md');

const choices: Readonly<Record<string, (value: string) => Partial<ScheduleDefinition>>> = {
  'whenMissed skip': () => ({ whenMissed: { policy: 'skip', afterMs: MINUTE } }),
  'whenMissed fire-once': () => ({ whenMissed: { policy: 'fire-once' } }),
  'whenMissed fire-all': (limit) => ({ whenMissed: { policy: 'fire-all', limit: Number(limit) } }),
  whenStillRunning: (value) => ({ whenStillRunning: value as WhenStillRunning }),
  spreadMs: (value) => ({ spreadMs: Number(value) }),
};

const chosen = (cell: string): Partial<ScheduleDefinition> => {
  const name = Object.keys(choices).find((one) => cell.startsWith(one));
  if (cell !== '' && name === undefined)
    throw new Error(`the page has a choice that no schedule has: ${cell}`);
  return name === undefined ? {} : (choices[name]?.(cell.slice(name.length + 1)) ?? {});
};

const plain = (cell: string): string => cell.replaceAll('`', '');

const examples = rowsUnder(page, '| Timing | Choice | What happens | What becomes of it |');
const displacements = rowsUnder(page, '| Timing | Zone | Planned by | Due | Right |');

test('the page has its examples, so that a changed head does not hide them from this test', () => {
  expect(examples.length).toBeGreaterThan(20);
  expect(displacements.length).toBeGreaterThan(0);
});

test.each(examples)('docs/schedules.md: %s, %s: %s', (...cells) => {
  const [timing = '', choice = '', steps = '', outcome = ''] = cells.map(plain);
  const { spreadMs, ...others } = chosen(choice);
  // the page says that its schedule has drawn 45 s
  const offsetMs = spreadMs === undefined ? 0 : 45 * SECOND;
  const spread = spreadMs === undefined ? others : { ...others, spreadMs };
  expect(becomes(timing, steps, spread, offsetMs)).toEqual(outcome.split('; '));
});

test.each(displacements)('docs/schedules.md: %s in %s, planned by %s', (...cells) => {
  const [cron = '', timeZone = '', release = '', due = '', right = ''] = cells.map(plain);
  const older = JSON.parse(
    fileOf('test/fixtures/schedules', `tzdata-${release}.json`),
  ) as PackedTables;
  const rule = { timing: { cron }, timeZone };
  const start = `${due.slice(0, 10)}T00:00`;
  const [before, now] = [zoneTables(older), pinnedZones].map((zones) => {
    const made = calendarsBy(zones).of(rule, at(start));
    if ('problem' in made) throw new Error(made.problem);
    return made.calendar;
  });
  if (!before || !now) throw new Error('two calendars were made');
  const schedule = known(plannedAt(created(start, { rule }), start, before));
  const displaced = displacedBy(schedule, now, at(start));
  expect(
    displaced.map(({ planned, dueAt = 0 }) => [planned.dueAt, dueAt].map(toTimestamp)),
  ).toEqual([[due, right].map((time) => time.replace('Z', '.000Z'))]);
});
