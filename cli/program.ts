import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutPasswords } from '../infra/passwords';
import { asOf } from './as-of/as-of';
import { audit } from './audit/audit';
import { doctor } from './doctor/doctor';
import { eventstore } from './eventstore/eventstore';
import { eventstoreExport } from './eventstore/export';
import { eventstoreImport } from './eventstore/import';
import { forecast } from './forecast';
import { migrate } from './migrate';
import { operations } from './operations/operations';
import { replay } from './replay/replay';
import { schedules } from './schedules/schedules';
import { simulate } from './simulate/simulate';
import { exitCode, Failure, UsageError, type Context, type Verb } from './verb';

const verbs: Readonly<Record<string, Verb>> = {
  'as-of': asOf,
  audit,
  doctor,
  eventstore,
  'eventstore-export': eventstoreExport,
  'eventstore-import': eventstoreImport,
  forecast,
  migrate,
  operations,
  replay,
  schedules,
  simulate,
};

const usage = (): string =>
  [
    'usage: punctual VERB [flags]',
    '',
    ...Object.entries(verbs).map(([name, { summary }]) => `  ${name.padEnd(20)}${summary}`),
    '',
    'punctual VERB --help tells the flags of a verb; punctual --version the version.',
    '',
  ].join('\n');

/** Of the package that this file was built in. */
const version = (): string => {
  const manifest = readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version; // our own manifest
};

const isParseError = (error: unknown): boolean =>
  String((error as NodeJS.ErrnoException | null)?.code).startsWith('ERR_PARSE_ARGS');

const runVerb = async (
  name: string,
  verb: Verb,
  args: readonly string[],
  context: Context,
): Promise<number> => {
  const [word, ...rest] = args;
  const under = word !== undefined && Object.hasOwn(verb.verbs ?? {}, word) && verb.verbs?.[word];
  if (under) return await runVerb(`${name} ${word}`, under, rest, context);
  if (args.includes('--help') || args.includes('-h')) {
    context.stdout.write(verb.usage);
    return exitCode.done;
  }
  try {
    return await verb.run(args, context);
  } catch (error) {
    const message = withoutPasswords(error instanceof Error ? error.message : String(error));
    context.stderr.write(`punctual ${name}: ${message}\n`);
    if (args.includes('--json'))
      context.stdout.write(`${JSON.stringify({ kind: 'error', message })}\n`);
    if (error instanceof Failure) return error.exitCode;
    if (!(error instanceof UsageError || isParseError(error))) return exitCode.failed;
    context.stderr.write(`\n${verb.usage}`);
    return exitCode.usage;
  }
};

/**
 * `punctual` with these words after it.
 *
 * @returns the exit code
 */
export const run = async (
  [name, ...args]: readonly string[],
  context: Context,
): Promise<number> => {
  const { stdout, stderr } = context;
  if (name === '--help' || name === '-h') {
    stdout.write(usage());
    return exitCode.done;
  }
  if (name === '--version') {
    stdout.write(`${version()}\n`);
    return exitCode.done;
  }
  const verb = name !== undefined && Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (name !== undefined && verb) return await runVerb(name, verb, args, context);
  if (name !== undefined) stderr.write(`punctual: there is no verb ${JSON.stringify(name)}\n\n`);
  stderr.write(usage());
  return exitCode.usage;
};
