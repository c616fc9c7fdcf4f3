import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { durationMsFrom, wholeFrom } from '../flag-values';
import { UsageError, type Context } from '../verb';

/** For `parseArgs`: when it recurs. */
export const ruleFlags = {
  cron: { type: 'string' },
  rrule: { type: 'string' },
  every: { type: 'string' },
  zone: { type: 'string' },
  gap: { type: 'string' },
  overlap: { type: 'string' },
  'month-end': { type: 'string' },
  exclude: { type: 'string', multiple: true },
  start: { type: 'string' },
  end: { type: 'string' },
  'max-count': { type: 'string' },
} as const;

export const ruleUsage = `  --cron TEXT | --rrule TEXT | --every TEXT
                      when: "30 8 * * 1-5", lines of RFC 5545, "R/2026-12-01T09:00:00/P1M"
  --zone NAME         time zone, such as Europe/Berlin (default UTC)
  --gap, --overlap    what becomes of times that a clock change leaves out or has twice: shift, gap-end or skip;
                      first, second or both (default: read from the hours)
  --month-end         skip or last, for days that a month does not have
  --exclude DAY       a day without a run, 2026-12-25; several times
  --start, --end      first and last time, RFC 3339
  --max-count N       how many at most`;

/** For `parseArgs`: what runs. */
export const jobFlags = {
  name: { type: 'string' },
  location: { type: 'string' },
  payload: { type: 'string' },
  queue: { type: 'string' },
  timeout: { type: 'string' },
  tag: { type: 'string', multiple: true },
  spread: { type: 'string' },
  'when-missed': { type: 'string' },
  'when-still-running': { type: 'string' },
  file: { type: 'string' },
} as const;

const flagNames = Object.keys({ ...ruleFlags, ...jobFlags }) as readonly (
  | keyof typeof ruleFlags
  | keyof typeof jobFlags
)[]; // a record has the keys of its type

type Values<
  Flags extends Readonly<Record<string, { readonly type: string; readonly multiple?: boolean }>>,
> = {
  readonly [Name in keyof Flags]?:
    | (Flags[Name] extends { readonly multiple: true } ? readonly string[] : string)
    | undefined;
};

const given = (members: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

const timingOf = ({ cron, rrule, every }: Values<typeof ruleFlags>): object => {
  const timing = given({ cron, rrule: rrule?.replaceAll('\\n', '\n'), every });
  if (Object.keys(timing).length !== 1)
    throw new UsageError('give one of --cron, --rrule and --every');
  return timing;
};

/** The rule as the API takes it. The API says what is wrong with it. @throws UsageError */
export const ruleOf = (values: Values<typeof ruleFlags>): object => {
  const { zone = 'UTC', gap, overlap, exclude, start, end } = values;
  const count = values['max-count'];
  const clockChange = given({ gap, overlap });
  return {
    timing: timingOf(values),
    timeZone: zone,
    ...given({
      clockChange: Object.keys(clockChange).length > 0 ? clockChange : undefined,
      monthEnd: values['month-end'],
      exclude,
      startAt: start,
      endAt: end,
      maxCount: count === undefined ? undefined : wholeFrom('max-count', count),
    }),
  };
};

/** `fire-all:10`, `skip:5m`, or a policy alone. @throws UsageError */
const whenMissedOf = (text: string): object => {
  const [policy = '', value] = text.split(':', 2);
  if (value === undefined) return { policy };
  if (policy === 'skip') return { policy, afterMs: durationMsFrom('when-missed', value) };
  if (policy === 'fire-all') return { policy, limit: wholeFrom('when-missed', value) };
  throw new UsageError(`--when-missed ${policy} has nothing behind it: leave out :${value}`);
};

const jsonOf = (flag: string, text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`--${flag} is no JSON: ${(error as Error).message}`);
  }
};

/** A whole definition: of a file with the body of `POST /v1/schedules`, or of flags. @throws UsageError */
export const definitionOf = async (
  values: Values<typeof ruleFlags> & Values<typeof jobFlags>,
  { stdin }: Pick<Context, 'stdin'>,
): Promise<unknown> => {
  const { file, name, location, payload, queue, timeout, tag, spread } = values;
  if (file !== undefined) {
    const other = flagNames.find((flag) => flag !== 'file' && values[flag] !== undefined);
    if (other !== undefined)
      throw new UsageError(`--file is the whole definition: leave out --${other}`);
    return jsonOf('file', file === '-' ? await textOf(stdin) : await readFile(file, 'utf8'));
  }
  if (name === undefined || location === undefined)
    throw new UsageError('give --name and --location, or --file');
  const whenMissed = values['when-missed'];
  return {
    name,
    ...ruleOf(values),
    ...given({
      spreadMs: spread === undefined ? undefined : durationMsFrom('spread', spread),
      whenMissed: whenMissed === undefined ? undefined : whenMissedOf(whenMissed),
      whenStillRunning: values['when-still-running'],
    }),
    job: {
      location,
      ...given({
        payload: payload === undefined ? undefined : jsonOf('payload', payload),
        queue,
        timeoutMs: timeout === undefined ? undefined : durationMsFrom('timeout', timeout),
        tags: tag,
      }),
    },
  };
};
