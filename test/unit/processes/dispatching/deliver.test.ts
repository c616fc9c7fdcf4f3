import type { DispatchAnswer } from '../../../../commands/dispatch';
import { EventLogUnavailable, StreamContended } from '../../../../domain/event-log';
import { deliver, type DeliverDeps } from '../../../../processes/dispatching/deliver';
import { dueBuffer } from '../../../../processes/dispatching/due-buffer';
import { noHolds } from '../../../../processes/dispatching/shares/holds';
import { dueRow, nthJobId } from '../../../support/due-rows';
import { silentLogger } from '../../../support/processes';

const dispatched: DispatchAnswer = {
  ...{ outcome: 'dispatched', revision: 1n, position: 256n, ticket: 'a ticket' },
};
const tooLarge = new Error('too large');
const noRoom = new Error('no room');
const hopeless = { code: 'message-too-large', message: 'too large' };

/** Takes one due job to a log and a broker that answer so; what was done is written down in order. */
const delivering = (
  answers: readonly (DispatchAnswer | Error)[],
  publishing: readonly (Error | undefined)[] = [],
  more: { readonly isRefusedTaken?: boolean; readonly now?: number } = {},
) => {
  const done: string[] = [];
  const note =
    (what: string) =>
    (...args: readonly unknown[]): void =>
      void done.push([what, ...args.filter((arg) => typeof arg !== 'object')].join(' '));
  const [dispatches, publishes] = [[...answers], [...publishing]];
  const buffer = dueBuffer({ maxRows: 9, maxChars: 9_999 }, noHolds);
  buffer.offer(dueRow(1));
  const job = buffer.take(1_000);
  if (!job) throw new Error('the job is due');
  const deps: DeliverDeps = {
    commands: {
      dispatch: () => {
        const answer = dispatches.shift() ?? dispatched;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
      failDelivery: (jobId, attempt, error) => {
        done.push(`failDelivery ${jobId === job.jobId} ${attempt} ${error.code}`);
        return Promise.resolve('done');
      },
    },
    messages: {
      publish: (queue, _jobId, _messageId, text) => {
        const error = publishes.shift();
        if (error) return Promise.reject(error);
        done.push(`publish ${queue} ${text.includes('a ticket')}`);
        return Promise.resolve();
      },
      hopelessness: (error) => (error === tooLarge ? hopeless : undefined),
      isForWantOfRoom: (error) => error === noRoom,
    },
    buffer,
    clock: { now: () => more.now ?? 1_250 },
    draw: () => 0,
    logger: { ...silentLogger, warn: note('warn') },
    deliveryLog: {
      failed: note('failed'),
      over: () => note('over')(),
      gaveUp: () => note('gaveUp')(),
      close: () => undefined,
    },
    metrics: {
      appended: note('appended'),
      published: note('published'),
      notDispatched: (outcome) => note(outcome)(),
      failedTry: note('failedTry'),
      shards: note('shards'),
      waiting: note('waiting'),
      inFlight: note('inFlight'),
      heldBack: note('heldBack'),
    },
    vitals: {
      moved: note('moved'),
      standsBy: note('standsBy'),
      failed: (server) => note('away')(server),
      worked: note('worked'),
    },
  };
  const stopping = new AbortController();
  const hurrying = new AbortController();
  const place = {
    dispatched: note('place dispatched'),
    sent: note('place sent'),
    giveBack: note('place given back'),
    refused: (text: string) => {
      done.push(`place refused ${text.includes('a ticket')}`);
      return more.isRefusedTaken ?? true;
    },
  };
  const end = async (): Promise<readonly string[]> => {
    await deliver(deps, { stopping: stopping.signal, hurrying: hurrying.signal })(job, place);
    return done;
  };
  return { end, buffer, stopping, hurrying };
};

/** Whether the row is still known: what is settled is forgotten by the next sweep, what is released at once. */
const remembered = (buffer: ReturnType<typeof dueBuffer>) => buffer.remembered();

test('a due job goes into the log, then to the broker, and gives its lateness of both', async () => {
  const { end, buffer } = delivering([dispatched]);
  expect(await end()).toEqual([
    'worked event-store',
    'appended 250',
    'place dispatched 256',
    'publish default true',
    'worked broker',
    'published 250',
    'place sent',
    'over',
  ]);
  expect(remembered(buffer)).toBe(1); // until a sweep finds it gone
});

test('a clock that is behind the due time makes no negative lateness', async () => {
  expect(await delivering([dispatched], [], { now: 900 }).end()).toContain('appended 0');
});

test('a log that is away is tried again, and counted each time', async () => {
  const done = await delivering([new EventLogUnavailable('away'), dispatched]).end();
  expect(done.slice(0, 4)).toEqual([
    'failedTry append',
    'away event-store',
    'failed',
    'worked event-store',
  ]);
  expect(done.at(-1)).toBe('over');
});

test('a stream with too many writers says nothing of the log', async () => {
  const done = await delivering([new StreamContended('busy'), dispatched]).end();
  expect(done).toContain('failedTry append');
  expect(done).not.toContain('away event-store');
});

test('a broker that is away is tried again under the same message id', async () => {
  const done = await delivering([dispatched], [new Error('away'), new Error('away')]).end();
  expect(done.filter((what) => what === 'failedTry publish')).toHaveLength(2);
  expect(done.filter((what) => what === 'away broker')).toHaveLength(2);
  expect(done.slice(-4)).toEqual(['worked broker', 'published 250', 'place sent', 'over']);
});

test('a message that no broker takes ends its attempt, with the reason', async () => {
  const done = await delivering([dispatched], [tooLarge]).end();
  expect(done.slice(-4)).toEqual([
    'failDelivery true 1 message-too-large',
    'undeliverable',
    'place given back',
    'over',
  ]);
});

test('a message for which there is no room is handed on, and is sent later', async () => {
  const done = await delivering([dispatched], [noRoom]).end();
  expect(done.slice(-2)).toEqual(['place refused true', 'over']);
  expect(done).not.toContain('published 250');
  expect(done).not.toContain('place given back');
});

test('one that nobody can hand on is the rescuer’s, and its place is free', async () => {
  const { end } = delivering([dispatched], [noRoom], { isRefusedTaken: false });
  expect((await end()).slice(-3)).toEqual(['place refused true', 'place given back', 'gaveUp']);
});

test.each<[answer: DispatchAnswer, told: readonly string[]]>([
  [{ outcome: 'stale' }, ['stale', 'place given back', 'over']],
  [{ outcome: 'expired' }, ['expired', 'place given back', 'over']],
  [
    { outcome: 'gone' },
    ['warn the stream of a due job was deleted: it cannot run', 'place given back', 'over'],
  ],
])('%j is the end of it: nothing is sent, and the place is free', async (answer, told) => {
  const { end, buffer } = delivering([answer]);
  expect((await end()).slice(1)).toEqual(told);
  buffer.beginSweep();
  buffer.beginSweep();
  buffer.endSweep();
  expect(remembered(buffer)).toBe(0); // it was settled
});

test('a row that the command finds too early waits again, for its clock is behind ours', async () => {
  const { end, buffer } = delivering([{ outcome: 'too-early', dueAt: 1_000 }]);
  expect((await end()).slice(1)).toEqual(['place given back', 'over']);
  expect(buffer.take(1_000)?.jobId).toBe(nthJobId(1));
});

test('an error that no second try mends gives the row back, so that the next sweep offers it again', async () => {
  const { end, buffer } = delivering([new TypeError('a bug')]);
  const done = await end();
  expect(done.slice(-2)).toEqual(['place given back', 'gaveUp']);
  expect(done).not.toContain('over');
  expect(remembered(buffer)).toBe(0);
});

test('a stop ends the tries of the log, and a hurry those of the broker', async () => {
  const stopped = delivering([new EventLogUnavailable('away')]);
  stopped.stopping.abort();
  expect((await stopped.end()).at(-1)).toBe('gaveUp');
  const hurried = delivering([dispatched], [new Error('away')]);
  hurried.hurrying.abort();
  expect((await hurried.end()).at(-1)).toBe('gaveUp');
  const sent = delivering([dispatched], [new Error('away')]);
  sent.stopping.abort(); // what is in the log is sent all the same
  expect((await sent.end()).at(-1)).toBe('over');
});
