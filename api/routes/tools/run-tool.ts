import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { STREAM_HEADERS } from '../../http/exchange';
import type { Refusal } from '../../http/problem';
import type { Reply } from '../../http/route';

type OnLine = (line: string) => Promise<void>;

/**
 * Runs a verb of the command line to its end, beside the API, to which it gives way.
 *
 * @param onLine  each line of its output, JSON; the next one waits until it resolves
 * @param signal  tells it to end
 * @returns       its exit code; undefined when it was killed
 */
export type RunTool = (
  args: readonly string[],
  onLine: OnLine,
  signal: AbortSignal,
) => Promise<number | undefined>;

export type Output = {
  /** What succeeds ends with a line of its own, and nothing is put behind it. */
  readonly endsItself: boolean;
  /** By exit code: refused instead, as long as no line but an error was told. */
  readonly refusals: Readonly<Record<number, Refusal>>;
};

export const LINES = 'application/x-ndjson';

const isError = (line: string): boolean => line.startsWith('{"kind":"error"');

const writeLine = async (response: ServerResponse, line: string): Promise<void> => {
  if (response.destroyed || response.write(`${line}\n`)) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]);
};

/**
 * Answers with the lines as they come, then with the exit code.
 *
 * @param work  runs the tool to its end; never throws
 */
export const answerInLines = async (
  work: (onLine: OnLine) => Promise<number | undefined>,
  { endsItself, refusals }: Output,
  response: ServerResponse,
): Promise<Reply> => {
  const held: string[] = [];
  const tell = async (...lines: readonly string[]): Promise<void> => {
    if (!response.headersSent)
      response.writeHead(200, { 'Content-Type': LINES, ...STREAM_HEADERS });
    for (const line of [...held.splice(0), ...lines]) await writeLine(response, line);
  };
  const code = await work(async (line) => {
    if (response.headersSent || !isError(line)) await tell(line);
    else held.push(line);
  });
  const refusal = response.headersSent || code === undefined ? undefined : refusals[code];
  if (refusal) return refusal;
  if (endsItself && code === 0) await tell();
  else await tell(JSON.stringify({ kind: 'exit', code: code ?? null }));
  response.end();
  return 'taken';
};
