import type { Verb } from '../verb';
import { verbGroup } from '../verb-group';
import { create } from './create';
import { list } from './list';
import { onSchedule } from './one';
import { preview } from './preview';
import { tzdata } from './tzdata';

const verbs: Readonly<Record<string, Verb>> = { list, preview, create, ...onSchedule, tzdata };

export const schedules = verbGroup({
  name: 'schedules',
  summary: 'what recurs: list, preview, make, pause, resume, run now',
  verbs,
  about: 'All of them ask the API. ',
});
