import { parseArgs } from 'node:util';
import { apiFlags, apiFrom, apiUsage } from './api';
import { idFrom } from './flag-values';
import { reportTo } from './report';
import { exitCode, UsageError, type Verb } from './verb';

/** A kind of thing that the API has by id. */
type Kind<Answer extends object> = {
  readonly what: 'schedule' | 'operation';
  /** The verb before the verb, and the part of the path. */
  readonly plural: string;
  readonly text: (answer: Answer) => string;
};

type Ask = {
  readonly verb: string;
  readonly summary: string;
  readonly about: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Behind the path of the one that is asked about. */
  readonly path: string;
  /** Flags that are members of the body, by name, with their line of the usage. */
  readonly flags?: Readonly<Record<string, string>>;
  /** All of them have to be given. */
  readonly needsFlags?: true;
};

/** A verb that asks something of one thing, and shows it as it is then. */
export const onOne =
  <Answer extends object>({ what, plural, text }: Kind<Answer>) =>
  ({ verb, summary, about, method, path, flags = {}, needsFlags }: Ask): Verb => {
    const names = Object.keys(flags);
    const shown = names.map((name) => (needsFlags ? ` --${name} …` : ` [--${name} …]`)).join('');
    return {
      summary,
      usage: `usage: punctual ${plural} ${verb} ${what.toUpperCase()}${shown} [--json]

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
        const id = idFrom(what, positionals);
        const all = values as Readonly<Record<string, string | boolean | undefined>>;
        const body = Object.fromEntries(
          names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])),
        );
        if (needsFlags && Object.keys(body).length < names.length)
          throw new UsageError(`give ${names.map((name) => `--${name}`).join(' and ')}`);
        const { ask } = await apiFrom(values, context);
        const answer = await ask<Answer>(
          method,
          `/v1/${plural}/${id}${path}`,
          method === 'GET' ? undefined : body,
        );
        reportTo(context, values.json).tell(what, answer, text(answer));
        return exitCode.done;
      },
    };
  };
