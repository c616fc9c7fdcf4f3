import { onOne } from '../on-one';
import { UsageError, type Verb } from '../verb';
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

const usage = [
  'usage: punctual operations VERB [flags]',
  '',
  ...Object.entries(verbs).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`),
  '',
  'All of them ask the API. punctual operations VERB --help tells the flags of a verb.',
  '',
].join('\n');

export const operations: Verb = {
  summary: 'many jobs at once: cancel, move, redrive, stop, undo',
  usage,
  verbs,
  run: ([word]) =>
    Promise.reject(
      new UsageError(
        word === undefined ? 'which one?' : `there is no verb ${JSON.stringify(word)}`,
      ),
    ),
};
