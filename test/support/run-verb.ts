import { PassThrough } from 'node:stream';
import type { Context, Verb } from '../../cli/verb';

export type Ended = { readonly code: number; readonly output: string; readonly errors: string };

/** What it wrote and how it ended, away from the environment of this process and without a terminal. */
export const runHere = async (
  start: (context: Context) => Promise<number>,
  env: Readonly<Record<string, string>>,
): Promise<Ended> => {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let [output, errors] = ['', ''];
  stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const { signal } = new AbortController();
  const code = await start({ stdin, stdout, stderr, env, signal });
  await new Promise((resolve) => setImmediate(resolve)); // what was written is heard with the next turn
  return { code, output, errors };
};

/** Runs a verb in this process. */
export const runVerbHere = (
  verb: Verb,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> => runHere((context) => verb.run(args, context), env);

/** The JSON lines of a verb's output. */
export const linesOf = (output: string): readonly Readonly<Record<string, unknown>>[] =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>); // `--json` gives objects
