import { run } from './program';
import { exitCode } from './verb';

const main = async (): Promise<void> => {
  process.exitCode = exitCode.failed; // should the verb never settle, with nothing left to wait for
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort()); // a second one ends the process at once
  const { stdin, stdout, stderr, env, argv } = process;
  const context = { stdin, stdout, stderr, env, signal: stopping.signal };
  const code = await run(argv.slice(2), context);
  // what is still in the pipe goes out first; then nothing that was left open holds the process
  stdout.write('', () => process.exit(code));
};

void main();
