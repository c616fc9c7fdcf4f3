import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { toTimestamp } from '../../../domain/time';
import { onlyOnOurs } from '../../support/given-event-store';
import type { HttpAnswer, HttpUser } from '../../support/http';
import { readJobStreams } from '../../support/log-checker';
import { isLong } from '../../support/rounds';
import { until } from '../../support/until';
import { cluster, userOf } from './cluster';

const test = onlyOnOurs('it kills the event store');

// while the event store is killed and stopped again and again: whatever was answered is what the log has

const ROUNDS = isLong ? 30 : 2;
const SENDERS = isLong ? 24 : 8;
const REST_MS = isLong ? 20 : 100;
/** How long a command is tried. */
const PATIENCE_MS = 10_000;

let ada: HttpUser;

beforeAll(() => {
  ada = userOf('ada');
});

const CLAIMS: ReadonlySet<string> = new Set([
  ...['done', 'event-log-unavailable', 'outcome-unknown'],
  'nothing', // the connection broke
]);

type Answer = { readonly name: string; readonly said: string };

/** What an answer claims; one that breaks off claims nothing. */
const saidBy = ({ status, body }: HttpAnswer): string =>
  status === 201 ? 'done' : (body.type?.split(/[/#:]/).at(-1) ?? String(status));

test(
  'a 201 is in the log, a "nothing was changed" is not, and only an unknown outcome may be either',
  async () => {
    let isOver = false;
    const answers: Answer[] = [];
    const dueAt = toTimestamp(Date.now() + 3_600_000);
    const sender = async (): Promise<void> => {
      while (!isOver) {
        const name = randomUUID();
        const said = await ada
          .post('/v1/jobs', { name, dueAt, location: 'print:' })
          .then(saidBy, () => 'nothing');
        answers.push({ name, said });
        await sleep(REST_MS); // a refusal costs nothing, and would be nearly all there is
      }
    };
    const done = (): number => answers.filter(({ said }) => said === 'done').length;
    /** The next fault meets a system at work. */
    const untilDoneAgain = async (): Promise<void> => {
      const before = done();
      await until(() => done() > before + SENDERS, {
        what: 'commands are done again',
      });
    };
    const senders = Array.from({ length: SENDERS }, sender);
    for (let round = 0; round < ROUNDS; round += 1) {
      const isKilled = round % 2 === 0;
      await untilDoneAgain();
      if (isKilled) await cluster().kill('eventstore');
      else cluster().signal('eventstore', 'SIGSTOP');
      // about as long as the patience of a command, longer, and shorter
      await sleep(PATIENCE_MS * ([0.9, 1.1, 0.5][round % 3] ?? 1));
      if (isKilled) await cluster().start('eventstore');
      else cluster().signal('eventstore', 'SIGCONT');
    }
    await untilDoneAgain();
    isOver = true;
    await Promise.all(senders);

    const streams = await readJobStreams(cluster().eventstoreUrl);
    const recorded = new Set([...streams.values()].map(([first]) => first?.data['name']));
    const wrong = answers.filter(
      ({ name, said }) =>
        (said === 'done' && !recorded.has(name)) ||
        (said === 'event-log-unavailable' && recorded.has(name)),
    );
    expect(wrong).toEqual([]);
    const claims = new Set(answers.map(({ said }) => said));
    expect([...claims].filter((said) => !CLAIMS.has(said))).toEqual([]);
    expect(claims).toContain('done');
    expect(claims).toContain('event-log-unavailable');
  },
  isLong ? 600_000 : 120_000,
);
