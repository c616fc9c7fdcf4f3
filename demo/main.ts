import { randomBytes } from 'node:crypto';
import { client, type Client } from './client';
import { playSchedule } from './schedule';
import { startDemoStack } from './stack';
import { play } from './story';

const users = ['ada', 'bob', 'cyd', 'operator'] as const;

const main = async (): Promise<number> => {
  const keys = new Map<string, string>(
    users.map((user) => [user, `demo_${randomBytes(18).toString('base64url')}`]),
  );
  const keyOf = (user: string): string => keys.get(user) ?? '';
  const apiKeys = users
    .map((user) => `${keyOf(user)}:${user}:${user === 'operator' ? 'operator' : 'user'}`)
    .join(',');

  console.log('Starting Postgres, NATS, the event store and all processes in a temporary folder …');
  const stack = await startDemoStack(apiKeys);
  try {
    const say = (line: string): void => {
      console.log(line);
    };
    const as = (user: string): Client => client(stack.httpUrl, keyOf(user));
    const [{ endings, history, historyOf, ...played }, recurring] = await Promise.all([
      play({
        as,
        operator: as('operator'),
        say,
        killDispatcher: async () => {
          const pid = await stack.corePid();
          process.kill(pid, 'SIGKILL');
          return pid;
        },
      }),
      playSchedule({ client: as('ada'), say }),
    ]);
    const deviations = [...played.deviations, ...recurring.deviations];
    console.log('\nAll jobs, in order of their due time:');
    console.table(
      endings
        .map(({ job }) => job)
        .sort((a, b) => a.dueAt.localeCompare(b.dueAt))
        .map(({ name, ownerId, dueAt, startedAt, latenessMs, attempt, status }) => ({
          job: name,
          user: ownerId,
          due: dueAt.slice(11, 23),
          started: startedAt?.slice(11, 23) ?? '',
          'late ms': latenessMs ?? '',
          attempt,
          status,
        })),
    );
    console.log(`The history of "${historyOf}", from the log:`);
    for (const { revision, time, type, actor, data } of history)
      console.log(
        `  ${revision}  ${time.slice(11, 23)}  ${type.padEnd(17)} ${actor.kind} ${actor.id.slice(0, 24).padEnd(24)} ${JSON.stringify(data).slice(0, 90)}`,
      );
    console.log('The story of the schedule, from the log:');
    for (const line of recurring.story) console.log(`  ${line}`);
    if (deviations.length === 0) console.log('\nAll is as expected.');
    else console.error(`\nNot as expected:\n- ${deviations.join('\n- ')}`);
    return deviations.length === 0 ? 0 : 1;
  } finally {
    await stack.stop();
  }
};

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
