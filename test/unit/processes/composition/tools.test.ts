import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolRunner } from '../../../../processes/composition/tools';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'punctual-tools-'));
});
afterAll(() => rm(folder, { recursive: true }));

const scriptOf = async (name: string, text: string): Promise<string> => {
  const script = join(folder, name);
  await writeFile(script, text);
  return script;
};

const never = new AbortController().signal;

test('a tool gets its arguments, JSON lines asked for, and no environment but the one that is meant for it', async () => {
  const script = await scriptOf(
    'echo.js',
    `console.log(JSON.stringify(process.argv.slice(2)));
     console.log(JSON.stringify([process.env.HOME ?? null, process.env.POSTGRES_URL]));
     process.exitCode = 3;`,
  );
  const lines: string[] = [];
  const run = toolRunner({ script, env: { PATH: process.env['PATH'], POSTGRES_URL: 'pg' } });
  const code = await run(
    ['audit', 'verify'],
    (line) => Promise.resolve(void lines.push(line)),
    never,
  );
  expect(code).toBe(3);
  expect(lines).toEqual(['["audit","verify","--json"]', '[null,"pg"]']);
});

test('lines are parted by newlines alone, for events may hold what other readers take for an end', async () => {
  const texts = ['a\u2028b\u2029c\rd', 'ünd 日本 '.repeat(20_000), '', 'the last one'];
  const script = await scriptOf(
    'lines.js',
    `process.stdout.write(${JSON.stringify(texts)}.join('\\n'));`,
  );
  const lines: string[] = [];
  const run = toolRunner({ script, env: { PATH: process.env['PATH'] } });
  await run([], (line) => Promise.resolve(void lines.push(line)), never);
  expect(lines).toEqual(texts);
});

test('it gives way to dispatching: it runs when others leave time', async () => {
  const script = await scriptOf(
    'nice.js',
    `const { getPriority } = require('node:os');
     const look = () => getPriority() === 0 ? setTimeout(look, 5) : console.log(getPriority());
     look();`,
  );
  const lines: string[] = [];
  const run = toolRunner({ script, env: { PATH: process.env['PATH'] } });
  await run([], (line) => Promise.resolve(void lines.push(line)), never);
  expect(lines).toEqual(['10']);
});

test('a tool that is told to end gets SIGTERM, so that it can leave things whole', async () => {
  const script = await scriptOf(
    'wait.js',
    `process.on('SIGTERM', () => { console.log('ending'); process.exit(1); });
     setInterval(() => undefined, 1000);
     console.log('running');`,
  );
  const stopping = new AbortController();
  const lines: string[] = [];
  const onLine = (line: string): Promise<void> => {
    lines.push(line);
    stopping.abort();
    return Promise.resolve();
  };
  const run = toolRunner({ script, env: { PATH: process.env['PATH'] } });
  expect(await run([], onLine, stopping.signal)).toBe(1);
  expect(lines).toEqual(['running', 'ending']);
});

test('one that is killed has no exit code, which nobody can take for success', async () => {
  const script = await scriptOf('die.js', `process.kill(process.pid, 'SIGKILL');`);
  const run = toolRunner({ script, env: { PATH: process.env['PATH'] } });
  expect(await run([], () => Promise.resolve(), never)).toBeUndefined();
});
