import { TIMING_LIMITS } from '../definition';
import { flaw, flawsOf, isFlaw, quoted, type Flaw } from '../problem';
import { readMonthDays, readWeekdays, type MonthDays, type Weekdays } from './day-fields';
import { FIELD_KINDS, readNumbers } from './field';

/** A cron text, read. */
export type CronFields = {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly monthDays: MonthDays;
  readonly months: readonly number[];
  readonly weekdays: Weekdays;
  /** The texts of the fields that a meaning is read from. */
  readonly text: { readonly minute: string; readonly hour: string };
};

const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const expanded = (text: string): string | Flaw => {
  if (!text.startsWith('@')) return text;
  const fields = MACROS[text.toLowerCase()];
  if (fields !== undefined) return fields;
  const hint = text.startsWith('@every')
    ? '; for intervals use `every`: R/2026-01-01T00:00:00/PT5M'
    : '';
  return flaw(`${quoted(text)} is none of ${Object.keys(MACROS).join(', ')}${hint}`);
};

/** Reads five fields, six with seconds in front, or a name such as `@daily`. All flaws are told. */
export const readCron = (cron: string): CronFields | readonly Flaw[] => {
  if (cron.length > TIMING_LIMITS.cronLength)
    return [flaw(`it is longer than ${TIMING_LIMITS.cronLength} characters`)];
  const text = expanded(cron.trim());
  if (isFlaw(text)) return [text];
  const fields = text === '' ? [] : text.split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) {
    const order = 'minute, hour, day of month, month, weekday, with the second in front of six';
    return [flaw(`it has ${fields.length} fields where there must be 5 or 6: ${order}`)];
  }
  const [second = '', minute = '', hour = '', day = '', month = '', weekday = ''] =
    fields.length === 6 ? fields : ['0', ...fields];
  const seconds = readNumbers(FIELD_KINDS.second, second);
  const minutes = readNumbers(FIELD_KINDS.minute, minute);
  const hours = readNumbers(FIELD_KINDS.hour, hour);
  const monthDays = readMonthDays(day);
  const months = readNumbers(FIELD_KINDS.month, month);
  const weekdays = readWeekdays(weekday);
  if (
    isFlaw(seconds) ||
    isFlaw(minutes) ||
    isFlaw(hours) ||
    isFlaw(monthDays) ||
    isFlaw(months) ||
    isFlaw(weekdays)
  )
    return flawsOf(seconds, minutes, hours, monthDays, months, weekdays);
  return { seconds, minutes, hours, monthDays, months, weekdays, text: { minute, hour } };
};
