import { connect } from 'nats';
import { Client } from 'pg';
import { brokerNames } from '../../../infra/nats/names';
import { readModel } from '../../../projections/projections';
import type { HttpUser } from '../../support/http';
import { isLong } from '../../support/rounds';
import { until } from '../../support/until';
import { runVerb, startVerb } from '../../support/verb';
import { stack, userOf } from './stack';

// its connection is closed before others stop the stack
describe('replay', () => {
  let me: HttpUser;
  let database: Client;

  beforeAll(async () => {
    me = userOf('me');
    database = new Client({ connectionString: (await stack().endpoints()).postgresUrl });
    await database.connect();
  });
  afterAll(async () => {
    await database.end();
  });

  const replay = (...flags: string[]) =>
    runVerb(['replay', '--data-dir', stack().dataDir, ...flags]);

  type Line = {
    readonly kind: string;
    readonly table?: string;
    readonly rows?: readonly unknown[];
    readonly events?: number;
  };
  const linesOf = (output: string): readonly Line[] =>
    output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line); // what --json prints

  const schemas = async (): Promise<readonly string[]> => {
    const { rows } = await database.query<{ name: string }>(
      `select nspname as name from pg_namespace where nspname like 'punctual_%' order by 1`,
    );
    return rows.map(({ name }) => name);
  };

  test('a dry run on a stack that runs finds nothing, and ends with 0', async () => {
    const { code, output } = await replay('--dry-run');
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(/jobs: equal, [1-9]\d* rows/) as string,
    ]);
    expect(await schemas()).toEqual([]);
  });

  test('a row that was tampered with is shown as a diff, ends a dry run with 3, and is right after the replay', async () => {
    await database.query(
      `update jobs set name = 'tampered' where job_id = (select min(job_id::text) from jobs)::uuid`,
    );
    const dry = await replay('--dry-run');
    expect(dry.code).toBe(3);
    expect(dry.output).toMatch(/- name: "tampered"\n {2}\+ name: "(?!tampered)/);
    const { code, output } = await replay('--json');
    expect(code).toBe(0);
    const lines = linesOf(output);
    expect(lines.at(-1)).toMatchObject({ kind: 'replayed', isSwapped: true });
    const { rows } = await database.query(`select from jobs where name = 'tampered'`);
    expect(rows).toEqual([]);
    const another = await me.schedule(Date.now() + 200); // the stack goes on with the new tables
    await me.untilStatus(another, 'succeeded');
  });

  /** How many messages were ever sent to executors. */
  const messagesSent = async (): Promise<number> => {
    const { natsUrl, systemPrefix } = await stack().endpoints();
    const broker = await connect({ servers: natsUrl });
    const manager = await broker.jetstreamManager();
    const { state } = await manager.streams.info(brokerNames(systemPrefix).stream);
    await broker.close();
    return state.last_seq;
  };

  test('a replay sends no message again, and no job runs a second time', async () => {
    const ran = await me.schedule(Date.now() + 200);
    await me.untilStatus(ran, 'succeeded');
    const before = [await messagesSent(), await me.eventTypes(ran)];
    for (const flags of [['--dry-run'], [], ['--to', 'another_schema']])
      expect((await replay(...flags)).code).toBe(0);
    const next = await me.schedule(Date.now() + 200); // by now a dispatcher has looked at every table that there is
    await me.untilStatus(next, 'succeeded');
    expect([(await messagesSent()) - 1, await me.eventTypes(ran)]).toEqual(before);
    await database.query('drop schema another_schema cascade');
  });

  /** How far a replay is that has not come to an end; undefined while there is none. */
  const underWay = async (): Promise<
    { readonly phase: string; readonly statusChanges: number } | undefined
  > => {
    if (!(await schemas()).includes('punctual_replay')) return undefined;
    const { rows } = await database.query<{ phase: string; changes: string }>(
      `select phase, (select count(*) from punctual_replay.status_feed) as changes
     from punctual_replay.replay_state`,
    );
    return rows[0] && { phase: rows[0].phase, statusChanges: Number(rows[0].changes) };
  };

  /** A replay writes 5,000 at once. */
  const WRITTEN_EVENTS = 5_000;
  const HISTORY_EVENTS = WRITTEN_EVENTS + (isLong ? 5_500 : 2_000);
  const BATCH_JOBS = 500;

  test('a replay that was killed with -9 in the middle of the history goes on behind what it had written', async () => {
    const dueAt = new Date(Date.now() + 3_600_000).toISOString();
    const job = { name: 'a job', dueAt, location: 'print:' };
    const jobs = Array.from({ length: BATCH_JOBS }, () => job);
    for (let n = 0; n < HISTORY_EVENTS; n += BATCH_JOBS)
      expect((await me.post('/v1/jobs/batch', { jobs })).status).toBe(200);
    const verb = startVerb(['replay', '--data-dir', stack().dataDir, '--rate', '500']);
    const written = async (): Promise<number> =>
      (await underWay().catch(() => undefined))?.statusChanges ?? 0;
    await until(async () => (await written()) >= WRITTEN_EVENTS, {
      what: 'most of the history is written',
    });
    verb.signal('SIGKILL');
    await verb.exited;
    expect(await underWay()).toMatchObject({ phase: 'bulk' });
    const { code, output } = await replay('--json', '--rate', 'full');
    expect(code).toBe(0);
    const lines = linesOf(output);
    expect(lines.at(-1)).toMatchObject({ kind: 'replayed', isSwapped: true });
    expect(lines.at(-1)?.events).toBeGreaterThan(0);
    expect(lines.at(-1)?.events).toBeLessThan(HISTORY_EVENTS - WRITTEN_EVENTS + 1_000);
    expect(
      lines.filter(({ kind }) => kind === 'table').map(({ table, rows }) => [table, rows]),
    ).toEqual([...Object.keys(readModel.tables), 'parked_streams'].map((table) => [table, []]));
  });

  test('a replay that was killed with -9 before the exchange goes on where it stopped', async () => {
    const lock = new Client({ connectionString: (await stack().endpoints()).postgresUrl });
    await lock.connect();
    // holds the replay up at the exchange, when all is built
    await lock.query('begin; lock table jobs in access share mode');
    const verb = startVerb(['replay', '--data-dir', stack().dataDir]);
    await until(async () => {
      const { rows } = await lock.query(
        `select from pg_locks where mode = 'AccessExclusiveLock' and not granted`,
      );
      return rows.length > 0;
    });
    verb.signal('SIGKILL');
    await verb.exited;
    expect(await schemas()).toContain('punctual_replay');
    await lock.query('commit');
    await lock.end();
    const { code, output } = await replay('--json');
    expect(code).toBe(0);
    expect(linesOf(output).at(-1)).toMatchObject({ kind: 'replayed', isSwapped: true });
    expect(linesOf(output).at(-1)?.events).toBeLessThan(HISTORY_EVENTS / 10); // the seals of the meantime
    expect(await schemas()).toEqual([]);
  });

  test.each([
    [['--projection', 'nobody'], 'there is no read model nobody: give one of all, jobs'],
    [['--to', 'Not A Schema'], 'is no schema name'],
    [['--max-diffs', 'many'], '--max-diffs many is no whole number'],
  ])('%j is refused with exit code 2 and changes nothing', async (flags, message) => {
    const { code, errors } = await replay(...flags);
    expect([code, errors]).toEqual([2, expect.stringContaining(message) as string]);
    expect(await schemas()).toEqual([]);
  });
});
