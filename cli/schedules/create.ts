import { parseArgs } from 'node:util';
import { reportTo } from '../report';
import { exitCode, type Verb } from '../verb';
import { apiFlags, apiFrom, apiUsage } from '../api';
import { definitionOf, jobFlags, ruleFlags, ruleUsage } from './definition';
import { scheduleText, type ScheduleAnswer } from './text';

const usage = `usage: punctual schedules create --name NAME (--cron|--rrule|--every TEXT) [--zone NAME] --location URI …
       punctual schedules create --file FILE

Makes a schedule, and shows when it runs next.

  --name NAME
${ruleUsage}
  --location URI      what runs
  --payload JSON
  --queue NAME
  --timeout TIME      30s, 5m, 1h
  --tag TAG           several times
  --spread TIME       runs start up to so much later, each schedule always by the same
  --when-missed       skip[:5m], fire-once or fire-all:10 (default fire-once)
  --when-still-running
                      allow, skip, buffer-one or cancel-other (default allow)
  --file FILE         the whole body of POST /v1/schedules as JSON; - is stdin
${apiUsage}
`;

export const create: Verb = {
  summary: 'make one',
  usage,
  run: async (args, context) => {
    const options = { ...apiFlags, ...ruleFlags, ...jobFlags } as const;
    const { values } = parseArgs({ args: [...args], options });
    const body = await definitionOf(values, context);
    const { ask } = await apiFrom(values, context);
    const answer = await ask<ScheduleAnswer>('POST', '/v1/schedules', body);
    reportTo(context, values.json).tell('schedule', answer, scheduleText(answer));
    return exitCode.done;
  },
};
