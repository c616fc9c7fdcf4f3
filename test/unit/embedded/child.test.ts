import { isAlive, runToEnd, startChild, type ExitInfo } from '../../../embedded/child';

const shell = (script: string) => ({
  command: 'sh',
  args: ['-c', script],
  deathSignal: 'KILL' as const,
});

test('a program that ends by itself is told with its code and last words, so that the owner can say why', async () => {
  const told: ExitInfo[] = [];
  const child = await startChild({
    ...shell('echo out; echo err >&2; exit 3'),
    onExit: (info) => told.push(info),
  });
  expect(await child.exited).toEqual({ code: 3, signal: null });
  expect([...child.lastLines()].sort()).toEqual(['err', 'out']);
  expect(told).toEqual([{ code: 3, signal: null, asked: false, lastLines: child.lastLines() }]);
});

test('only the newest lines are kept, so that a chatty server does not fill the memory', async () => {
  const child = await startChild(shell('for i in $(seq 500); do echo line $i; done'));
  await child.exited;
  expect(child.lastLines()).toHaveLength(40);
  expect(child.lastLines().at(-1)).toBe('line 500');
});

test('a program that ignores the signal is killed after its grace, as nats-server on a full disk must be', async () => {
  const child = await startChild(shell('trap "" TERM; echo ready; while :; do sleep 0.05; done'));
  while (child.lastLines().length === 0) await new Promise(setImmediate);
  expect(await child.stop('SIGTERM', 100)).toEqual({ code: null, signal: 'SIGKILL' });
  expect(isAlive(child.pid)).toBe(false);
});

test('stop tells the owner that the end was asked for, and stopping twice is harmless', async () => {
  const told: boolean[] = [];
  const child = await startChild({
    ...shell('exec sleep 60'),
    onExit: ({ asked }) => told.push(asked),
  });
  await Promise.all([child.stop('SIGTERM', 5_000), child.stop('SIGTERM', 5_000)]);
  await child.stop('SIGTERM', 5_000);
  expect(told).toEqual([true]);
});

test('a grandchild that holds the pipes open does not hide the end of the child', async () => {
  const child = await startChild(shell('sleep 2 & echo $!; exit 0'));
  expect(await child.exited).toEqual({ code: 0, signal: null });
  expect(isAlive(Number(child.lastLines()[0]))).toBe(true);
});

test('a program that is missing is an error with its name, not a crash of ours', async () => {
  const child = startChild({ command: 'no-such-program', args: [], deathSignal: 'KILL' });
  const words = await child.then(
    async (started) => {
      await started.exited; // setpriv started, and says why it could not go on
      return started.lastLines().join();
    },
    (error: unknown) => String(error),
  );
  expect(words).toContain('no-such-program');
  expect(await runToEnd('no-such-program', [])).toEqual({ code: 127, output: '' });
});
