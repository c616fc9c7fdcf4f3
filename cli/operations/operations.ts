import { onOne } from '../on-one';
import type { Verb } from '../verb';
import { verbGroup } from '../verb-group';
import { list } from './list';
import { start } from './start';
import { operationText, type OperationAnswer } from './text';

const ofOne = onOne<OperationAnswer>({
  what: 'operation',
  plural: 'operations',
  text: operationText,
});

const flags = { reason: 'why, for whoever looks later' };

const verbs: Readonly<Record<string, Verb>> = {
  start,
  list,
  show: ofOne({
    verb: 'show',
    summary: 'show how far one is',
    about: 'Shows how far an operation is.',
    method: 'GET',
    path: '',
  }),
  stop: ofOne({
    verb: 'stop',
    summary: 'change no more jobs',
    about: 'Stops an operation: what is changed stays so, and no more is.',
    method: 'POST',
    path: '/stop',
    flags,
  }),
  undo: ofOne({
    verb: 'undo',
    summary: 'move back what one has moved',
    about: 'Starts the operation that moves back what one has moved.',
    method: 'POST',
    path: '/undo',
    flags,
  }),
};

export const operations = verbGroup({
  name: 'operations',
  summary: 'many jobs at once: cancel, move, redrive, stop, undo',
  verbs,
  about: 'All of them ask the API. ',
});
