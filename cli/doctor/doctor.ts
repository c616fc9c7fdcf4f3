import { parseArgs } from 'node:util';
import { withoutSecrets, type ServerSetting } from '../../infra/server-check';
import { valueOf } from '../../processes/settings/variables';
import type { Finding } from './look';
import { examine } from './servers';
import { reportTo } from '../report';
import { serverFlags, serversFrom, serverUsage } from '../servers';
import { exitCode, UsageError, type Context, type Verb } from '../verb';

const usage = `usage: punctual doctor [flags]

Tries everything that Punctual needs of its three servers, as the processes try it at their start, and says what is
missing and what to do. Nothing of what is tried stays, but for the stream of due jobs, which is made where it is
missing, as a start makes it.

${serverUsage}
  --json              a JSON line for each check

The settings POSTGRES_POOL_SIZE, MIGRATE, JOBS_DUE_MAX_BYTES, JOBS_DUE_REPLICAS and EXECUTOR_QUEUE count as they do
for the processes.

Exit codes: 0 all is there; 1 something is missing, or a server does not answer; 2 wrong flags.
`;

const flags = { ...serverFlags, json: { type: 'boolean', default: false } } as const;

const words = { ok: 'ok', reduced: 'less', missing: 'MISSING', unknown: 'NO ANSWER' } as const;

const lineOf = ({ name, outcome, detail, found, remedy }: Finding): string => {
  const head = `  ${words[outcome].padEnd(10)} ${name}`;
  if (outcome === 'ok') return detail === undefined ? head : `${head}: ${detail}`;
  return `${head}: found ${found ?? 'nothing'}\n             ${remedy ?? ''}`;
};

const numberOf = (
  { env }: Pick<Context, 'env'>,
  name: string,
  preset: number | undefined,
): number | undefined => {
  const given = valueOf(env, name);
  if (given === undefined || given === '') return preset;
  if (/^\d+$/.test(given)) return Number(given);
  throw new UsageError(`${name} is no whole number`);
};

/** Beside the pool: the projector's, a listener's and those of two locks. */
const OTHER_CONNECTIONS = 4;
const POOL_SIZE = 8;
const MAX_BYTES = 4 * 1_024 ** 3;

const run: Verb['run'] = async (args, context) => {
  const { values } = parseArgs({ args: [...args], options: flags });
  const servers = await serversFrom(values, context);
  const { env } = context;
  const report = reportTo(context, values.json);
  const broker = servers.nats();
  const urls: Readonly<Record<ServerSetting, string>> = {
    EVENTSTORE_URL: servers.eventstoreUrl(),
    POSTGRES_URL: servers.postgresUrl(),
    NATS_URL: broker.url,
  };
  const found = examine({
    eventstoreUrl: urls.EVENTSTORE_URL,
    postgresUrl: urls.POSTGRES_URL,
    broker,
    names: servers.names,
    stream: {
      maxBytes: numberOf(context, 'JOBS_DUE_MAX_BYTES', MAX_BYTES) ?? MAX_BYTES,
      replicas: numberOf(context, 'JOBS_DUE_REPLICAS', undefined),
    },
    queue: valueOf(env, 'EXECUTOR_QUEUE') ?? 'default',
    connections:
      (numberOf(context, 'POSTGRES_POOL_SIZE', POOL_SIZE) ?? POOL_SIZE) + OTHER_CONNECTIONS,
    migrates: valueOf(env, 'MIGRATE') !== 'off',
  });
  let told: ServerSetting | undefined;
  let isWell = true;
  for await (const finding of found) {
    const { setting, outcome } = finding;
    const server = withoutSecrets(urls[setting]);
    if (setting !== told && !values.json) context.stdout.write(`${setting}  ${server}\n`);
    told = setting;
    isWell &&= outcome === 'ok' || outcome === 'reduced';
    report.tell('check', { server, ...finding }, lineOf(finding));
  }
  return isWell ? exitCode.done : exitCode.failed;
};

export const doctor: Verb = {
  summary: 'try all that is needed of the three servers, and say what is missing and what to do',
  usage,
  run,
};
