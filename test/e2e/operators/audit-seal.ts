import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onlyOnOurs } from '../../support/given-event-store';
import { startProgram } from '../../support/program';
import { tempFolder } from '../../support/temp-folder';
import { until } from '../../support/until';
import { runVerb } from '../../support/verb';
import { stack } from './stack';

const test = onlyOnOurs('it changes events in their table');

/** All of the log: of six jobs four each, and the one that says which system it is. */
const EVENTS = 25;

let folder: Awaited<ReturnType<typeof tempFolder>>;
const jobs: string[] = [];

const schedule = async (name: string): Promise<string> => {
  const answer = await fetch(`${stack().httpUrl}/v1/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack().keyOf('me')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, dueAt: new Date().toISOString(), location: 'print:' }),
  });
  const { jobId } = (await answer.json()) as { readonly jobId: string };
  return jobId;
};

const audit = (...args: readonly string[]) =>
  runVerb(['audit', ...args, '--data-dir', stack().dataDir]);

type Summary = {
  readonly blocks: number;
  readonly sealedEvents: number;
  readonly notSealedYet: number;
  readonly head: string;
};
const summary = async (): Promise<Summary> => {
  const { output } = await audit('verify', '--seal', '--json', '--no-nats');
  const line = output.split('\n').find((one) => one.includes('"kind":"seals"'));
  return JSON.parse(line ?? '') as Summary; // what it says of seals
};

beforeAll(async () => {
  folder = await tempFolder('audit-seal');
  for (let n = 1; n <= 3; n += 1) {
    jobs.push(await schedule(`job ${n}`), await schedule(`ünd ${n}`));
    const events = 8 * n + 1; // scheduled, dispatched, started, succeeded; and which system it is
    await until(async () => (await summary()).sealedEvents >= events, {
      what: `${events} events are sealed`,
    });
  }
});
afterAll(() => folder.remove());

const fileNamed = (name: string): string => join(folder.path, name);
const publicKey = (): string => join(stack().dataDir, 'log-seal-key.pub.pem');
const script = join(__dirname, '..', '..', '..', 'tools', 'verify-export.mjs');

/** Runs the script of a third party, who has the file and the key and nothing else of ours. */
const checked = (file: string, key = publicKey()) =>
  new Promise<{ readonly code: number; readonly output: string }>((resolve) => {
    execFile(process.execPath, [script, file, key], (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
    });
  });

const exported = async (...flags: readonly string[]): Promise<string> => {
  const file = fileNamed(`export-${flags.join('-').replaceAll(/\W/g, '')}`);
  expect(await audit('export', ...flags, '--out', file)).toMatchObject({ code: 0 });
  return file;
};

type Line = Readonly<Record<string, unknown>>;
const linesOf = async (file: string): Promise<readonly Line[]> =>
  (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const windowOf = (lines: readonly Line[]) => lines.filter(({ role }) => role === 'window');

test('a stack seals its log by itself, and the seals hold', async () => {
  const { code, output } = await audit('verify', '--seal');
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(/25 events in \d+ sealed blocks; not sealed yet: 0 events/);
  const { head } = await summary();
  expect(await audit('verify', '--seal', '--last-seal', head)).toMatchObject({ code: 0 });
  expect(await audit('verify', '--seal', '--last-seal', 'ab'.repeat(32))).toMatchObject({
    code: 3,
    output: expect.stringContaining('seal-head-lost') as string,
  });
});

test('the private key is for its owner alone, and the public one can be printed', async () => {
  expect((await stat(join(stack().dataDir, 'log-seal-key.pem'))).mode & 0o777).toBe(0o600);
  const { output } = await audit('key');
  expect(output).toBe(await readFile(publicKey(), 'utf8'));
});

test('a window of the log is verified offline, with what no window covers left out', async () => {
  const whole = windowOf(await linesOf(await exported('--from', '0', '--to', '999999999')));
  expect(whole).toHaveLength(EVENTS);
  const [from, to] = [whole[5], whole[17]].map((line) => String(line?.['position']));
  const file = await exported('--from', from ?? '', '--to', to ?? '');
  expect(windowOf(await linesOf(file))).toEqual(whole.slice(5, 18));
  const { code, output } = await checked(file);
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(
    /ok: 13 events in \d+ sealed blocks .* nothing is missing between its ends/,
  );
});

test('a window of time holds what was created in it, and one in which nothing happened proves that', async () => {
  const day = await exported('--from', '2020-01-01T00:00:00Z', '--to', '2099-01-01T00:00:00Z');
  expect(windowOf(await linesOf(day))).toHaveLength(EVENTS);
  expect(await checked(day)).toMatchObject({ code: 0 });
  const before = await exported('--from', '2020-01-01T00:00:00Z', '--to', '2020-01-02T00:00:00Z');
  expect(windowOf(await linesOf(before))).toHaveLength(0);
  expect(await checked(before)).toMatchObject({ code: 0 });
});

test('all events of one job are verified offline', async () => {
  const file = await exported('--job', jobs[2] ?? '');
  expect(windowOf(await linesOf(file)).map(({ type }) => type)).toEqual([
    ...['JobScheduled', 'JobDispatched', 'JobStarted', 'JobSucceeded'],
  ]);
  expect(await checked(file)).toMatchObject({ code: 0 });
});

test('an export to stdout is the file and nothing else, so that a pipe can take it', async () => {
  const window = ['--from', '0', '--to', '999999999'];
  const { code, output } = await audit('export', ...window, '--out', '-');
  expect({ code, output }).toEqual({
    code: 0,
    output: await readFile(await exported(...window), 'utf8'),
  });
});

describe('over HTTP', () => {
  const asked = (body: object) =>
    fetch(`${stack().httpUrl}/v1/tools/export`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${stack().keyOf('operator')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });

  test.each([
    ['a window', EVENTS, () => ({ from: '0', to: '999999999' })],
    ['a job', 4, () => ({ job: jobs[1] })],
  ])('an export of %s is a file that is verified offline', async (what, events, body) => {
    const response = await asked(body());
    expect(response.status).toBe(200);
    const file = fileNamed(`http-${what.replaceAll(' ', '-')}`);
    await writeFile(file, Buffer.from(await response.arrayBuffer()));
    expect(windowOf(await linesOf(file))).toHaveLength(events);
    const { code, output } = await checked(file);
    expect({ code, output }).toMatchObject({ code: 0 });
  });

  test.each([
    [{ job: '00000000-0000-7000-8000-000000000000' }, 404, 'job-not-found'],
    [{ from: '999999998', to: '999999999' }, 409, 'not-sealed-yet'],
  ])(
    'what there is no proof of is refused before anything is shown: %j',
    async (body, status, type) => {
      const response = await asked(body);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ type: `/problems/${type}` });
    },
  );
});

describe('a file that is not as it was written fails', () => {
  const event = (line: string): boolean => line.includes('"kind":"event"');
  const at = (lines: readonly string[], wanted: (line: string) => boolean, skip = 0): number =>
    lines.flatMap((line, i) => (wanted(line) ? [i] : []))[skip] ?? -1;
  const without = (lines: readonly string[], i: number): readonly string[] =>
    lines.filter((_, other) => other !== i);
  const mended = (lines: readonly string[], by: number): readonly string[] =>
    lines.map((line) =>
      line.replace(
        /("kind":"end","events":)(\d+)/,
        (_, head: string, n: string) => head + String(Number(n) + by),
      ),
    );

  test.each<[string, (lines: readonly string[]) => readonly string[], RegExp]>([
    ['cut at its end', (lines) => lines.slice(0, -1), /the file was cut/],
    ['cut inside a line', (lines) => [...lines.slice(0, -1), '{"kind'], /is no JSON/],
    [
      'one letter of an event changed',
      (lines) => lines.map((line) => line.replace('ünd 2', 'und 2')),
      /do not give the sealed root/,
    ],
    [
      'two events swapped',
      (lines) => {
        const [a, b] = [at(lines, event, 4), at(lines, event, 5)];
        return lines.map((line, i) => (i === a ? lines[b] : i === b ? lines[a] : line) ?? '');
      },
      /out of order|do not give the sealed root/,
    ],
    [
      'an event left out and the count mended',
      (lines) => mended(without(lines, at(lines, event, 4)), -1),
      /do not give the sealed root/,
    ],
    [
      'a whole block left out and the count mended',
      (lines) => {
        const isBlock = (line: string): boolean => line.includes('"kind":"block"');
        const [from, to] = [at(lines, isBlock, 1), at(lines, isBlock, 2)];
        const gone = lines.slice(from, to).filter((line) => line.includes('"role":"window"'));
        return mended([...lines.slice(0, from), ...lines.slice(to)], -gone.length);
      },
      /does not go on from the block before it/,
    ],
    [
      'a field of a seal changed',
      (lines) => lines.map((line) => line.replace('"sealedAt":"20', '"sealedAt":"19')),
      /its seal is not what key/,
    ],
    [
      'a smaller window passed off as a larger one',
      (lines) =>
        lines.map((line) => line.replace(/"from":\{"position":"\d+"\}/, '"from":{"position":"1"}')),
      /is not before the window/,
    ],
  ])('%s', async (why, damage, message) => {
    const whole = windowOf(await linesOf(await exported('--from', '0', '--to', '999999999')));
    const good = await exported(
      '--from',
      String(whole[3]?.['position']),
      '--to',
      String(whole[22]?.['position']),
    );
    const file = fileNamed(`bad-${why.replaceAll(' ', '-')}`);
    const lines = (await readFile(good, 'utf8')).trimEnd().split('\n');
    const damaged = damage(lines);
    expect(damaged).not.toEqual(lines);
    await writeFile(file, `${damaged.join('\n')}\n`);
    const { code, output } = await checked(file);
    expect({ code, output }).toMatchObject({
      code: 1,
      output: expect.stringMatching(message) as string,
    });
  });

  test('checked with a key that did not sign it', async () => {
    const other = fileNamed('other.pub.pem');
    const { stdout } = await new Promise<{ readonly stdout: string }>((resolve) => {
      execFile(
        'sh',
        ['-c', 'openssl genpkey -algorithm ed25519 | openssl pkey -pubout'],
        (_, out) => {
          resolve({ stdout: out });
        },
      );
    });
    await writeFile(other, stdout);
    const file = await exported('--from', '0', '--to', '999999999');
    expect(await checked(file, other)).toMatchObject({
      code: 1,
      output: expect.stringContaining('not among the keys given') as string,
    });
  });
});

test.each([
  [['export', '--out', 'x'], 'give --from and --to, or --job'],
  [['export', '--from', '1', '--to', 'soon', '--out', 'x'], '--to soon is neither'],
  [['export', '--job', 'x', '--out', 'x'], 'is no job id'],
  [['verify', '--seal', '--last-seal', 'x'], 'is neither a head'],
  [['verify', '--seal', '--public-key', '/nowhere'], 'no public key in /nowhere'],
  [['verify', '--last-seal', 'x'], 'add --seal'],
  [['verify', '--seal', '--to', '1'], 'the whole log'],
  [['verify', '--seal', '--from', '1'], 'the whole log'],
])('wrong flags are told with the usage: %j', async (args, message) => {
  const { code, errors } = await audit(...args);
  expect(code).toBe(2);
  expect(errors).toContain(message);
});

test('an archivist without a key refuses to start and says how to make one', async () => {
  const program = startProgram({
    PROCESSES: 'archivist',
    DATA_DIR: folder.path,
    API_KEYS: 'key-of-somebody-0123456789:somebody:user',
    EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
    POSTGRES_URL: 'postgres://127.0.0.1:1/none',
    NATS_URL: 'nats://127.0.0.1:1',
  });
  expect(await program.exited).toBe(1);
  expect(program.errors()).toContain('Set PUNCTUAL_LOG_SEAL_KEY_FILE');
});
