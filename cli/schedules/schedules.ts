import { UsageError, type Verb } from '../verb';
import { create } from './create';
import { list } from './list';
import { onSchedule } from './one';
import { preview } from './preview';
import { tzdata } from './tzdata';

const verbs: Readonly<Record<string, Verb>> = { list, preview, create, ...onSchedule, tzdata };

const usage = [
  'usage: punctual schedules VERB [flags]',
  '',
  ...Object.entries(verbs).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`),
  '',
  'All of them ask the API. punctual schedules VERB --help tells the flags of a verb.',
  '',
].join('\n');

export const schedules: Verb = {
  summary: 'what recurs: list, preview, make, pause, resume, run now',
  usage,
  verbs,
  run: ([word]) =>
    Promise.reject(
      new UsageError(
        word === undefined ? 'which one?' : `there is no verb ${JSON.stringify(word)}`,
      ),
    ),
};
