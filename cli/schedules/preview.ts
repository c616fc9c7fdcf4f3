import { parseArgs } from 'node:util';
import { wholeFrom } from '../flag-values';
import { reportTo } from '../report';
import { exitCode, type Verb } from '../verb';
import { apiFlags, apiFrom, apiUsage } from '../api';
import { ruleFlags, ruleOf, ruleUsage } from './definition';
import { runLines, type Run } from './text';

const usage = `usage: punctual schedules preview (--cron|--rrule|--every TEXT) [--zone NAME] [--from TIME] [--count N] …

Shows what a timing means before it is kept: its next runs by the clock of the zone and in UTC, what is left out
between them, and how the text was read.

${ruleUsage}
  --from TIME         RFC 3339, exclusive (default now)
  --count N           1 to 100 (default 5)
${apiUsage}
`;

type Preview = {
  readonly occurrences: readonly Run[];
  readonly skipped: readonly { readonly localTime: string; readonly reason: string }[];
  readonly meaning: readonly string[];
  readonly tzdata: string;
};

const previewText = ({ occurrences, skipped, meaning, tzdata }: Preview): string =>
  [
    ...meaning,
    ...runLines(occurrences),
    ...skipped.map(({ localTime, reason }) => `  left out: ${localTime}, ${reason}`),
    `time zone data ${tzdata}`,
  ].join('\n');

export const preview: Verb = {
  summary: 'see what a timing means before it is kept',
  usage,
  run: async (args, context) => {
    const options = {
      ...apiFlags,
      ...ruleFlags,
      from: { type: 'string' },
      count: { type: 'string' },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    const body = {
      ...ruleOf(values),
      ...(values.from !== undefined && { from: values.from }),
      ...(values.count !== undefined && { count: wholeFrom('count', values.count, 1, 100) }),
    };
    const { ask } = await apiFrom(values, context);
    const answer = await ask<Preview>('POST', '/v1/schedules/preview', body);
    reportTo(context, values.json).tell('preview', answer, previewText(answer));
    return exitCode.done;
  },
};
