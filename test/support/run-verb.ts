import { PassThrough } from 'node:stream';
import type { Verb } from '../../cli/verb';

/** Runs a verb in this process, away from its environment and without a terminal. */
export const runVerbHere = async (
  verb: Verb,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly output: string; readonly errors: string }> => {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let [output, errors] = ['', ''];
  stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const { signal } = new AbortController();
  const code = await verb.run(args, { stdin, stdout, stderr, env, signal });
  await new Promise((resolve) => setImmediate(resolve)); // what was written is heard with the next turn
  return { code, output, errors };
};

/** The JSON lines of a verb's output. */
export const linesOf = (output: string): readonly Readonly<Record<string, unknown>>[] =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>); // `--json` gives objects
