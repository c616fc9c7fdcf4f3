import { parseArgs } from 'node:util';
import { idFrom } from '../flag-values';
import { reportTo } from '../report';
import { exitCode, UsageError, type Verb } from '../verb';
import { apiFlags, apiFrom, apiUsage } from './api';
import { scheduleText, type ScheduleAnswer } from './text';

type Ask = {
  readonly verb: string;
  readonly summary: string;
  readonly about: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Behind the path of the schedule. */
  readonly path: string;
  /** Flags that are members of the body, by name, with their line of the usage. */
  readonly flags?: Readonly<Record<string, string>>;
  /** All of them have to be given. */
  readonly needsFlags?: true;
};

const ofOne = ({ verb, summary, about, method, path, flags = {}, needsFlags }: Ask): Verb => {
  const names = Object.keys(flags);
  const shown = names.map((name) => (needsFlags ? ` --${name} …` : ` [--${name} …]`)).join('');
  return {
    summary,
    usage: `usage: punctual schedules ${verb} SCHEDULE${shown} [--json]

${about}

${Object.entries(flags)
  .map(([name, line]) => `  ${`--${name}`.padEnd(20)}${line}\n`)
  .join('')}${apiUsage}
`,
    run: async (args, context) => {
      const own = Object.fromEntries(names.map((name) => [name, { type: 'string' } as const]));
      const options = { ...own, ...apiFlags };
      const { values, positionals } = parseArgs({
        args: [...args],
        options,
        allowPositionals: true,
      });
      const id = idFrom('schedule', positionals);
      const all = values as Readonly<Record<string, string | boolean | undefined>>;
      const body = Object.fromEntries(
        names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])),
      );
      if (needsFlags && Object.keys(body).length < names.length)
        throw new UsageError(`give ${names.map((name) => `--${name}`).join(' and ')}`);
      const { ask } = await apiFrom(values, context);
      const answer = await ask<ScheduleAnswer>(
        method,
        `/v1/schedules/${id}${path}`,
        method === 'GET' ? undefined : body,
      );
      reportTo(context, values.json).tell('schedule', answer, scheduleText(answer));
      return exitCode.done;
    },
  };
};

const note = { note: 'why, for whoever looks later' };

/** What is asked of one schedule. */
export const onOne: Readonly<Record<string, Verb>> = {
  show: ofOne({
    verb: 'show',
    summary: 'show one, and when it runs next',
    about: 'Shows a schedule and its next five runs.',
    method: 'GET',
    path: '',
  }),
  pause: ofOne({
    verb: 'pause',
    summary: 'let it rest',
    about: 'Lets a schedule rest: runs that have not started are taken back.',
    method: 'POST',
    path: '/pause',
    flags: note,
  }),
  resume: ofOne({
    verb: 'resume',
    summary: 'let it go on with what comes next',
    about: 'Lets a schedule go on with what comes next: nothing of the pause runs.',
    method: 'POST',
    path: '/resume',
    flags: note,
  }),
  trigger: ofOne({
    verb: 'trigger',
    summary: 'run it now, beside its rule',
    about: 'Makes one run now, whatever the rule says.',
    method: 'POST',
    path: '/trigger',
    flags: note,
  }),
  backfill: ofOne({
    verb: 'backfill',
    summary: 'run what its rule has in a window of the past',
    about: 'Runs the occurrences of a window of the past now, oldest first.',
    method: 'POST',
    path: '/backfill',
    flags: { from: 'first time, RFC 3339, inclusive', to: 'last time, RFC 3339, inclusive' },
    needsFlags: true,
  }),
};
