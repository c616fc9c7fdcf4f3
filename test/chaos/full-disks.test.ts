import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { startNats, type EmbeddedNats } from '../../embedded/nats';
import { startNodeChild, type NodeChild } from '../../embedded/node-child';
import { startPostgres, type EmbeddedPostgres } from '../../embedded/postgres';
import { toTimestamp } from '../../domain/time';
import { onlyOnOurs } from '../support/given-event-store';
import { newLogSealKey } from '../../infra/log-seal-keys';
import { httpUser, type HttpUser } from '../support/http';
import { breachesOf, readJobStreams, type LoggedEvent } from '../support/log-checker';
import { startRunLedger, type RunLedger } from '../support/run-ledger';
import { runVerb } from '../support/verb';
import { allProcesses } from '../support/cluster';
import { startProgramBeside, type ReadyProgram } from '../support/program';
import { apiKeyOf, apiKeys } from '../support/running-stack';
import { canMount, smallDisk, type SmallDisk } from '../support/small-disk';
import { tempFolder } from '../support/temp-folder';
import { until } from '../support/until';

const test = onlyOnOurs('it fills the disk below it');

// the disk of each server in turn is full to the last byte: what users and operators are told, and that it all goes on

const POSTGRES_MB = 112;
const BROKER_MB = 8;
/** Generous: on a busy machine each server takes its time. */
const TOLD_WITHIN_MS = 150_000;
const GOES_ON_WITHIN_MS = 200_000;

let ledger: RunLedger;
let disks: Readonly<Record<'log' | 'readModel' | 'broker', SmallDisk>>;
let logPostgres: EmbeddedPostgres;
let readModelPostgres: EmbeddedPostgres;
let nats: EmbeddedNats;
let eventStore: NodeChild;
let folder: Awaited<ReturnType<typeof tempFolder>>;
let program: ReadyProgram;
let ada: HttpUser;

const onDisk = ({ path }: SmallDisk, port = 0): Promise<EmbeddedPostgres> =>
  startPostgres({
    dataDir: join(path, 'data'),
    port,
    settings: { shared_buffers: '32MB', max_connections: '60' },
  });

const startEventStore = (postgresUrl: string): Promise<NodeChild> =>
  startNodeChild({
    script: join(__dirname, '..', '..', 'dist', 'packages', 'eventstore', 'main.js'),
    env: { PATH: process.env['PATH'], PUNCTUAL_EVENTSTORE_POSTGRES_URL: postgresUrl },
    readyWithinMs: 60_000,
  });
const eventstoreUrl = (): string =>
  `esdb://${(eventStore.ready as { readonly listening: string }).listening}?tls=false`;

const describeWhereRoot = canMount ? describe : describe.skip;

describeWhereRoot('the disk is full', () => {
  beforeAll(async () => {
    const [log, readModel, broker] = await Promise.all([
      smallDisk('log', POSTGRES_MB),
      smallDisk('read-model', POSTGRES_MB),
      smallDisk('broker', BROKER_MB),
    ]);
    disks = { log, readModel, broker };
    [logPostgres, readModelPostgres, nats, ledger] = await Promise.all([
      onDisk(log),
      onDisk(readModel),
      startNats({ storeDir: join(broker.path, 'store') }),
      startRunLedger(0),
    ]);
    eventStore = await startEventStore(logPostgres.url);
    folder = await tempFolder('full-disks');
    await writeFile(join(folder.path, 'log-seal-key.pem'), newLogSealKey());
    program = await startProgramBeside(
      { dataDir: folder.path },
      {
        ...allProcesses,
        EVENTSTORE_URL: eventstoreUrl(),
        POSTGRES_URL: readModelPostgres.url,
        NATS_URL: nats.url,
        API_KEYS: apiKeys,
        ALLOW_PRIVATE_TARGETS: 'true',
        WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        START_TIMEOUT_MS: '3000',
        RESCUE_PERIOD_MS: '500',
      },
    );
    ada = httpUser(program.httpUrl, apiKeyOf('ada'));
  });

  afterAll(async () => {
    await program.stop();
    await folder.remove();
    await eventStore.stop(5_000);
    await Promise.all([logPostgres.stop(), readModelPostgres.stop(), nats.stop()]);
    await ledger.close();
    for (const disk of Object.values(disks)) await disk.dispose();
  });

  type Answer = {
    readonly name: string;
    readonly body: object;
    readonly status: number;
    readonly code: string | undefined;
  };

  const send = async (name: string, body: object): Promise<Answer> => {
    const answer = await ada.post('/v1/jobs', body, { 'idempotency-key': name });
    return { name, body, status: answer.status, code: answer.body.type?.split('/').at(-1) };
  };
  let sent = 0;
  /** Each has a name of its own and a payload that no compression makes small. */
  const command = (dueInMs: number): Promise<Answer> => {
    sent += 1;
    const name = `job-${sent}`;
    const payload = randomBytes(3_000).toString('hex');
    return send(name, {
      ...{ name, payload, location: ledger.location },
      dueAt: toTimestamp(Date.now() + dueInMs),
      retry: { maxAttempts: 1 },
    });
  };
  const commands = (count: number, dueInMs: number): Promise<readonly Answer[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => command(dueInMs + index * 100)));
  const accepted = async (count: number, dueInMs: number): Promise<readonly Answer[]> => {
    const answers = await commands(count, dueInMs);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    return answers;
  };

  const streamsByName = async (): Promise<
    ReadonlyMap<string, readonly [jobId: string, events: readonly LoggedEvent[]]>
  > =>
    new Map(
      [...(await readJobStreams(eventstoreUrl()))].map((stream) => [
        String(stream[1][0]?.data['name']),
        stream,
      ]),
    );

  type Condition = { readonly name: string; readonly status: string; readonly detail?: object };

  const readiness = async () => {
    const { status, body } = await ada.get('/readyz');
    return {
      status,
      conditions: (body as { readonly conditions: readonly Condition[] }).conditions,
    };
  };
  /** Not ready, with these words in one of the conditions that fail. */
  const told = (words: RegExp): Promise<string> =>
    until(
      async () => {
        const { status, conditions } = await readiness();
        const failing = conditions.filter((condition) => condition.status === 'fail');
        const text = JSON.stringify(failing);
        return status === 503 && words.test(text) ? text : undefined;
      },
      { timeoutMs: TOLD_WITHIN_MS, what: `/readyz says ${String(words)}` },
    );
  const untilReady = () =>
    until(async () => (await readiness()).status === 200, {
      timeoutMs: GOES_ON_WITHIN_MS,
      what: 'it is ready again',
    });
  const linesWith = (words: string): readonly string[] =>
    program
      .errors()
      .split('\n')
      .filter((line) => line.includes(words));
  const metrics = async (): Promise<string> =>
    await (await fetch(new URL('/metrics', program.httpUrl))).text();
  /** What a program says reaches a test in its own time. */
  const toldOnce = async (words: string, before = 0): Promise<void> => {
    await until(() => linesWith(words).length > before, { what: `the log says "${words}"` });
    expect(linesWith(words)).toHaveLength(before + 1);
  };
  const counted = (process: string, server: string): Promise<unknown> => {
    const wanted = `punctual_process_waits{process="${process}",server="${server}"} 1`;
    return until(async () => (await metrics()).includes(wanted), { what: wanted });
  };

  /** What was answered is so: an accepted job is in the log, and of one that was refused there is no trace. */
  const expectTrue = async (answers: readonly Answer[]): Promise<void> => {
    const streams = await streamsByName();
    for (const { name, status, code } of answers) {
      if (status === 201) expect([name, streams.has(name)]).toEqual([name, true]);
      else expect([503, 504]).toContain(status);
      if (code === 'event-log-unavailable')
        expect([name, streams.has(name)]).toEqual([name, false]);
      else if (status !== 201) expect(code).toBe('outcome-unknown');
    }
  };

  /** The same key tells afterwards; what is in the log runs once. */
  const expectAllRanOnce = async (answers: readonly Answer[]): Promise<void> => {
    const before = await streamsByName();
    for (const { name, body } of answers) {
      const again = await send(name, body);
      if (before.has(name)) expect(again.status).toBe(201);
      else expect([201, 422]).toContain(again.status); // it may be too late by now
    }
    const streams = await streamsByName();
    const jobIds = answers.flatMap(({ name }) => streams.get(name)?.[0] ?? []);
    await ada.untilAll(jobIds, 'succeeded');
    const runs = ledger.runs().filter((run) => jobIds.includes(run.split('/')[0] ?? ''));
    expect([...runs].sort()).toEqual(jobIds.map((jobId) => `${jobId}/1`).sort());
    const ended = await readJobStreams(eventstoreUrl());
    expect(jobIds.flatMap((jobId) => breachesOf(jobId, ended.get(jobId) ?? []))).toEqual([]);
  };

  /** Sends until something is refused. */
  const untilRefused = async (): Promise<readonly Answer[]> => {
    const answers: Answer[] = [];
    while (answers.every(({ status }) => status === 201))
      answers.push(...(await commands(8, 3_000)));
    return answers;
  };

  /** Sends until the API knows that the log takes nothing: all but one a trial are refused with nothing sent. */
  const untilRefusedUnsent = async (): Promise<readonly Answer[]> => {
    const all: Answer[] = [];
    await until(
      async () => {
        const answers = await commands(8, 3_000);
        all.push(...answers);
        return answers.filter(({ code }) => code === 'event-log-unavailable').length >= 7;
      },
      { timeoutMs: TOLD_WITHIN_MS, what: 'commands are refused with nothing sent' },
    );
    return all;
  };

  /** Connected while there is room: a full disk lets nobody new in. */
  const operatorOf = async ({ url, pid, exited }: EmbeddedPostgres) => {
    const client = new Client({ connectionString: url });
    let isCutOff = false;
    client.on('error', () => (isCutOff = true));
    await client.connect();
    const nextSegment = async (): Promise<void> => {
      await client.query('select pg_switch_wal()');
      await client.query('create table one_more ()');
      await client.query('drop table one_more');
    };
    // a whole segment of the write-ahead log: the server does not give up by itself, for want of the next one
    await nextSegment();
    let isUp = true;
    const gone = exited.then(() => (isUp = false));
    return {
      /** The next change needs a segment for which there is no room, and none is left over: the server gives up. */
      panic: async (): Promise<void> => {
        await until(
          async () => {
            await nextSegment().catch(() => undefined);
            // one of its processes gave up before, and it came up again by itself: it lets nobody in to do it once more
            if (isCutOff && isUp) process.kill(pid, 'SIGQUIT');
            return !isUp;
          },
          { what: 'the server gives up' },
        );
        await client.end().catch(() => undefined);
        await gone;
      },
    };
  };

  test('of the event store: a 201 is in the log, a no is true as soon as the API knows that nothing is taken, and it goes on when there is room', async () => {
    const before = await accepted(5, 2_000);
    const operator = await operatorOf(logPostgres);
    await disks.log.fill();
    const during = await untilRefused();
    await told(/takes no appends; look at its log and at the room on its disk/);
    await toldOnce('the web waits for the event-store');
    await counted('web', 'event-store');
    const refused = await untilRefusedUnsent();
    await operator.panic();
    const dead = await commands(4, 1_000);
    await told(/event.?log|event-store/i);
    await disks.log.free();
    logPostgres = await onDisk(disks.log, logPostgres.port);
    await untilReady();
    const answers = [...before, ...during, ...refused, ...dead];
    await expectTrue(answers);
    await expectAllRanOnce(answers);
  }, 600_000);

  test('of the read model: commands are recorded, /readyz says what is missing, and all of it runs afterwards', async () => {
    const before = await accepted(5, 2_000);
    const operator = await operatorOf(readModelPostgres);
    await disks.readModel.fill();
    const during = await accepted(30, 1_000);
    await told(/projector.*waits for the read-model.*No space left on device/);
    await toldOnce('the projector waits for the read-model');
    await counted('projector', 'read-model');
    await operator.panic();
    const dead = await commands(4, 1_000);
    await told(/read-?model/i);
    await disks.readModel.free();
    readModelPostgres = await onDisk(disks.readModel, readModelPostgres.port);
    await untilReady();
    const answers = [...before, ...during, ...dead];
    await expectTrue(answers);
    await expectAllRanOnce(answers);
  }, 600_000);

  const restartBroker = async (): Promise<void> => {
    await disks.broker.free();
    process.kill(nats.pid, 'SIGKILL'); // it may listen to nothing milder
    await nats.exited;
    nats = await startNats({ storeDir: join(disks.broker.path, 'store'), port: nats.port });
    await untilReady();
  };

  test('of the broker with an empty stream: it refuses each message, commands are recorded, and all of it runs once it is started again', async () => {
    await disks.broker.fill();
    const answers = await accepted(20, 500);
    await told(/dispatcher.*waits for the broker: the broker cannot store messages/);
    await toldOnce('the dispatcher waits for the broker');
    await counted('dispatcher', 'broker');
    await restartBroker();
    await expectTrue(answers);
    await expectAllRanOnce(answers);
  }, 600_000);

  test('of the broker with messages in the stream: it says nothing more at all, which each process that needs the stream tells', async () => {
    const stored = await ada.schedule(Date.now(), { queue: 'nobody-serves-it' });
    await ada.untilStatus(stored, 'queued');
    const before = linesWith('the dispatcher waits for the broker').length;
    await disks.broker.fill();
    const answers = await accepted(20, 500);
    await told(/dispatcher.*waits for the broker: the JetStream of the broker does not answer/);
    for (const name of ['dispatcher', 'rescuer', 'executor'] as const)
      await counted(name, 'broker');
    await toldOnce('the dispatcher waits for the broker', before);
    await restartBroker();
    await expectTrue(answers);
    await expectAllRanOnce(answers);
    await ada.post(`/v1/jobs/${stored}/cancel`);
  }, 600_000);

  test('afterwards the log, the read model and the messages keep every promise', async () => {
    const { code, output } = await runVerb([
      ...['audit', 'verify', '--eventstore', eventstoreUrl()],
      ...['--postgres', readModelPostgres.url, '--nats', nats.url],
    ]);
    expect([code, output]).toEqual([0, expect.stringContaining('0 violations')]);
  });
});
