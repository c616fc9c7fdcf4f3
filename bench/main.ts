import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commit, loadAverage, machine } from './machine';
import { note } from './progress';
import { lineOf, type Row, type RowOptions } from './row';
import { rows } from './rows';

const usage = `Usage: node dist/bench/main.js [--rows=1000000] [--profile=DIR] [ROW…]
Rows: ${rows.map(({ name }) => name).join(', ')}`;

const chosen = (names: readonly string[]): readonly Row[] => {
  const unknown = names.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) throw new Error(`There is no row ${unknown.join(', ')}.\n${usage}`);
  return names.length === 0 ? rows : rows.filter(({ name }) => names.includes(name));
};

const resultsFile = async (): Promise<string> => {
  const folder = join(__dirname, '..', '..', 'bench', 'results');
  await mkdir(folder, { recursive: true });
  return join(folder, `${new Date().toISOString().slice(0, 10)}.jsonl`);
};

const measure = async (row: Row, options: RowOptions, file: string): Promise<void> => {
  const before = loadAverage();
  const measurements = await row.measure(options);
  const circumstances = {
    at: new Date().toISOString(),
    commit: await commit(),
    machine: machine(),
    loadAverage: [before, loadAverage()] as const,
  };
  for (const measurement of measurements) {
    const line = lineOf(row.name, measurement, circumstances);
    process.stdout.write(`${line}\n`);
    await appendFile(file, `${line}\n`);
  }
};

/** @returns the number of rows that could not be measured */
const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rows: { type: 'string', default: '1000000' }, profile: { type: 'string' } },
  });
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stopping.abort();
    });
  const options: RowOptions = {
    rows: Number(values.rows),
    note,
    signal: stopping.signal,
    ...(values.profile !== undefined && { profileDir: values.profile }),
  };
  if (values.profile !== undefined) await mkdir(values.profile, { recursive: true });
  const file = await resultsFile();
  let failures = 0;
  for (const row of chosen(positionals)) {
    if (stopping.signal.aborted) break;
    note(`${row.name} …`);
    try {
      await measure(row, options, file);
    } catch (error) {
      failures += 1;
      note(
        `${row.name} could not be measured: ${error instanceof Error ? error.stack : String(error)}`,
      );
    }
  }
  return failures;
};

main().then(
  (failures) => process.exit(failures === 0 ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
