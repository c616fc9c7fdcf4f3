import { Type, type Static, type TProperties } from '@sinclair/typebox';
import { Ajv2020 } from 'ajv/dist/2020';
import { isQueueName } from '../domain/ids';
import { isSystemPrefix } from '../infra/system-names';
import { POLITE_PER_SECOND } from '../projections/reading/pace';
import {
  asGiven,
  doublyGiven,
  environmentWith,
  misspelt,
  valueOf,
  type Environment,
} from './variables';

/** The processes by name; `PROCESSES` lists those that one program runs. */
export const processNames = [
  'projector',
  'planner',
  'dispatcher',
  'rescuer',
  'archivist',
  'bulk-changer',
  'notifier',
  'executor-gateway',
  'executor',
  'web',
] as const;

export type ProcessName = (typeof processNames)[number];

const text = (description: string) => Type.String({ description, minLength: 1 });
const port = (description: string, preset: number) =>
  Type.Integer({ description, minimum: 0, maximum: 65_535, default: preset });
const count = (description: string, preset: number, minimum = 1) =>
  Type.Integer({ description, minimum, default: preset });
/** No timer takes longer ones. */
const milliseconds = (description: string, preset: number, minimum: number) =>
  Type.Integer({ description, minimum, maximum: 2 ** 31 - 1, default: preset });
const limit = (description: string) =>
  Type.Optional(Type.Integer({ description: `${description}. Absent: no limit`, minimum: 1 }));

const settings = {
  EVENTSTORE_URL: Type.Optional(text('Event store, `esdb://…`. Absent: the embedded one')),
  POSTGRES_URL: Type.Optional(text('Read model, `postgres://…`. Absent: the embedded one')),
  POSTGRES_POOL_SIZE: count(
    'Connections to Postgres that the processes of one program share, at most; a few more are of its own use (docs/operations.md)',
    8,
    2,
  ),
  MIGRATE: Type.Union([Type.Literal('on'), Type.Literal('off')], {
    description:
      'Whether a program brings the schema of the read model up to date when it starts. `off`: it only compares, and `punctual migrate` does it, as the owner of the tables',
    default: 'on',
  }),
  NATS_URL: Type.Optional(
    text(
      'Broker with JetStream, `nats://user:password@host:4222`, or `token@`, or `tls://`; several with commas between them. Percent-encode what is no letter or digit. Absent: the embedded one',
    ),
  ),
  NATS_CA_FILE: Type.Optional(
    text(
      'Certificates (PEM) of those who may sign the broker’s. Asks for TLS. Absent: those that Node.js knows',
    ),
  ),
  NATS_CERT_FILE: Type.Optional(
    text('Client certificate (PEM) for the broker, with `NATS_KEY_FILE`. Asks for TLS'),
  ),
  NATS_KEY_FILE: Type.Optional(text('Key (PEM) of `NATS_CERT_FILE`')),
  NATS_CREDS_FILE: Type.Optional(
    text('Credentials for the broker, a user’s JWT and seed as `nsc` writes them'),
  ),
  SYSTEM_PREFIX: Type.Optional(
    text(
      'Keeps this system apart from others on the same event store or broker: its streams and subjects begin with it and a dot, the stream of due jobs with it and an underscore. Lower-case letters and digits, a letter first, 32 at most; not `jobs` or `executor`. Chosen before the first start and kept for good; the same for all programs of a system, executors included. Absent: names without one, for one system',
    ),
  ),
  DATA_DIR: Type.String({
    description: 'Where the embedded servers, the keys and `endpoints.json` live',
    default: '.data',
    minLength: 1,
  }),
  HTTP_HOST: Type.String({ description: 'Address that the API listens on', default: '127.0.0.1' }),
  HTTP_PORT: port('Port of the API; 0 takes a free one', 8_080),
  PUBLIC_URL: Type.Optional(
    text(
      'Where users find the API and the console behind a proxy, `https://example.com/punctual/`; the proxy takes the path away. Absent: at the address that it listens on',
    ),
  ),
  CORS_ORIGINS: Type.Optional(
    text(
      'Origins whose pages may use the API from a browser, comma-separated: `https://app.example.com`. Absent: none but its own',
    ),
  ),
  METRICS_PORT: Type.Optional(
    Type.Integer({
      description:
        'Port on `HTTP_HOST` for `/metrics` and `/livez` of a program without the API; 0 takes a free one. Absent: none',
      minimum: 0,
      maximum: 65_535,
    }),
  ),
  PROCESSES: Type.Optional(
    text(
      `Which processes this program runs, comma-separated: ${processNames.join(', ')}. Absent: all, under one parent`,
    ),
  ),
  API_KEYS: Type.Optional(text('`key:principal:role,…`; role is user, operator or executor')),
  JWKS_URL: Type.Optional(text('Where the public keys of accepted JWTs are')),
  JWT_ISSUER: Type.Optional(text('`iss` that a JWT must have')),
  JWT_AUDIENCE: Type.Optional(text('`aud` that a JWT must have')),
  SIGNING_SECRET: Type.Optional(
    Type.String({
      description:
        'Signs tickets, tokens and cursors, and seals the secrets of webhooks; the same for all programs of one system. Absent: that of the stack on `DATA_DIR`, else a random one for each program: then claims take the slower path, and a report that another gateway gets is refused, so that its job runs again, and a webhook that was registered elsewhere or before a restart gets nothing until its secret is rotated',
      minLength: 32,
    }),
  ),
  LOG_SEAL_KEY_FILE: Type.Optional(
    text(
      'File with the private Ed25519 key (PKCS#8 PEM) that signs the seals of the log. Absent: `log-seal-key.pem` in `DATA_DIR`, which the embedded default makes on its first start',
    ),
  ),
  ARCHIVE_EVERY_MS: milliseconds('How often the archivist reads what is new in the log', 5_000, 50),
  ARCHIVE_RATE: count(
    'Events a second that the archivist reads while the system works. It keeps up with a busier system, reads a tenth while jobs are late or the processor is full, and catches up at full speed while the system is idle',
    POLITE_PER_SECOND,
  ),
  WEBHOOK_SECRET: Type.Optional(
    Type.String({
      description:
        'Signs what the reference executor posts to `https:` locations, `whsec_…`. Absent: such jobs fail',
      pattern: '^whsec_[A-Za-z0-9+/=]+$',
    }),
  ),
  ALLOW_PRIVATE_TARGETS: Type.Boolean({
    description:
      'Whether `https:` locations and webhooks may lie on private and loopback addresses',
    default: false,
  }),
  LOCATION_SCHEMES: Type.String({
    description: 'Schemes that the location of a new job may have, comma-separated',
    default: 'https,http,s3,gs,print',
  }),
  LOG_LEVEL: Type.Union(
    (['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const).map((level) =>
      Type.Literal(level),
    ),
    { description: 'trace, debug, info, warn, error or silent', default: 'info' },
  ),
  RATE_LIMIT_PER_MINUTE: count(
    'Requests a principal may send a minute to one API instance, a batch being one. The preset, 1,000 a second, is half of what an instance on two cores answers: a loop gone wild leaves the others their half',
    60_000,
  ),
  PENDING_JOBS_PER_OWNER: count(
    'Jobs an owner may have waiting or running. The preset has room for a job every 32 seconds of the year that may be scheduled ahead, and keeps one owner from filling the disks of all. Counted when 1% of the room that was left is used, so each API instance may go 1% over it',
    1_000_000,
  ),
  SCHEDULES_PER_OWNER: count(
    'Schedules an owner may have that are not deleted. Counted as `PENDING_JOBS_PER_OWNER` is',
    10_000,
  ),
  WEBHOOKS_PER_OWNER: count(
    'Webhooks an owner may have that are not deleted. Counted as `PENDING_JOBS_PER_OWNER` is',
    10,
  ),
  PLANNED_PER_OWNER_PER_SECOND: count(
    'Occurrences of schedules of an owner that one planner makes jobs of a second, over ten seconds. An owner who asks for more waits, and misses what waits too long; all others are planned in time. The preset has room for `SCHEDULES_PER_OWNER` that run each minute',
    250,
  ),
  OPERATIONS_PER_OWNER: count(
    'Operations an owner may have that have not come to an end. Counted as `PENDING_JOBS_PER_OWNER` is',
    10,
  ),
  OPERATION_RATE: count(
    'Jobs that operations change a second, at most. Down to a tenth of it while jobs are late or the processor is full',
    500,
    100,
  ),
  RUNNING_JOBS_PER_OWNER: limit(
    'Jobs of an owner that may run at once, over all queues; `PUT /v1/shares` goes before it',
  ),
  RUNNING_JOBS_PER_QUEUE: limit(
    'Jobs of a queue that may run at once; `PUT /v1/shares` goes before it',
  ),
  QUEUE_RATE_PER_SECOND: limit(
    'Jobs of a queue that are dispatched a second; `PUT /v1/shares` goes before it',
  ),
  OWNER_QUEUES: Type.Optional(
    text(
      'Queues that owners may use: `owner=queue1|queue2,*=default`. The owner `*` is everybody who is not named, the queue `*` is any. Absent, or for an owner that no entry fits: any',
    ),
  ),
  CROWDED_MINUTE_JOBS: count(
    'A job that is due in a minute with more jobs than this is accepted with a warning',
    10_000,
  ),
  CROWDED_REFRESH_MS: milliseconds('How often the API looks for crowded minutes', 60_000, 50),
  EXECUTOR_QUEUE: Type.String({
    description: 'Queue that the reference executor serves',
    default: 'default',
    pattern: '^[A-Za-z0-9_-]{1,64}$',
  }),
  EXECUTOR_CONCURRENCY: count('Jobs that the reference executor runs at once', 1_000),
  HEARTBEAT_MS: milliseconds('How often an executor beats', 5_000, 50),
  EXECUTOR_SILENT_MS: milliseconds('Silence after which an executor counts as lost', 15_000, 100),
  START_TIMEOUT_MS: milliseconds(
    'How long a dispatched job may wait for its start before its message is looked for',
    30_000,
    100,
  ),
  UNSERVED_QUEUE_MS: milliseconds(
    'How long jobs of a queue wait without an executor that can take them before that is told (`queues-served` on `/readyz`, a metric, the log); some beats at least',
    60_000,
    1_000,
  ),
  RESCUE_PERIOD_MS: milliseconds('How often the rescuer looks', 1_000, 50),
  JOBS_DUE_MAX_BYTES: count(
    'Size limit of the JetStream stream `JOBS_DUE`',
    4 * 1024 ** 3,
    1024 ** 2,
  ),
  JOBS_DUE_REPLICAS: Type.Optional(
    Type.Integer({
      description:
        'Copies of the stream `JOBS_DUE` that a NATS cluster keeps. Absent: 3 in a cluster of three servers or more, else 1',
      minimum: 1,
      maximum: 5,
    }),
  ),
} satisfies TProperties;

const schema = Type.Object(settings);

export type Settings = Static<typeof schema>;

export type SettingDoc = {
  readonly name: string;
  readonly preset: string;
  readonly description: string;
};

/** One row a setting, as docs/settings.md lists them. */
export const settingDocs: readonly SettingDoc[] = Object.entries(settings).map(
  ([name, { description = '', ...setting }]) => ({
    name,
    preset: 'default' in setting ? String(setting.default) : '',
    description,
  }),
);

export type Role = 'user' | 'operator' | 'executor';

export type ApiKey = { readonly key: string; readonly principalId: string; readonly role: Role };

/** The owner `*` is everybody who is not named. */
export type OwnerQueues = { readonly ownerId: string; readonly queues: readonly string[] | 'any' };

/** Settings that are lists in one text. */
type Lists = 'PROCESSES' | 'API_KEYS' | 'OWNER_QUEUES' | 'LOCATION_SCHEMES' | 'CORS_ORIGINS';

export type Config = Readonly<Omit<Settings, Lists>> & {
  readonly processes: readonly ProcessName[] | undefined;
  readonly apiKeys: readonly ApiKey[];
  readonly ownerQueues: readonly OwnerQueues[];
  /** In lower case. */
  readonly locationSchemes: readonly string[];
  readonly corsOrigins: readonly string[];
};

const isProcessName = (name: string): name is ProcessName =>
  (processNames as readonly string[]).includes(name);

const isRole = (role: string): role is Role => ['user', 'operator', 'executor'].includes(role);

const parseProcesses = (
  list: string | undefined,
  mistakes: string[],
): readonly ProcessName[] | undefined => {
  if (list === undefined) return undefined;
  const names = list.split(',').map((name) => name.trim());
  for (const name of names)
    if (!isProcessName(name))
      mistakes.push(`PROCESSES has "${name}", which is none of ${processNames.join(', ')}`);
  return names.filter(isProcessName);
};

const parseApiKeys = (list: string | undefined, mistakes: string[]): readonly ApiKey[] => {
  if (list === undefined) return [];
  return list.split(',').flatMap((entry, index) => {
    const [key = '', principalId = '', role = '', ...rest] = entry.trim().split(':');
    if (key.length >= 16 && principalId !== '' && isRole(role) && rest.length === 0)
      return [{ key, principalId, role }];
    // the entry itself is a secret: name its place, not its text
    mistakes.push(
      `API_KEYS entry ${index + 1} is not key:principal:role with a key of 16 or more characters and a role of user, operator or executor`,
    );
    return [];
  });
};

/** `a=x|y,*=z`. An owner's id may have an equals sign, a queue's name cannot. */
const parseOwnerQueues = (list: string | undefined, mistakes: string[]): readonly OwnerQueues[] => {
  if (list === undefined) return [];
  const entries = list.split(',').flatMap((entry): readonly OwnerQueues[] => {
    const [, ownerId, names] = /^\s*(.+)=(.+?)\s*$/.exec(entry) ?? [];
    const queues = names?.split('|') ?? [];
    if (ownerId !== undefined && names === '*') return [{ ownerId, queues: 'any' }];
    if (ownerId !== undefined && queues.every(isQueueName)) return [{ ownerId, queues }];
    mistakes.push(`OWNER_QUEUES has "${entry}", which is not owner=queue1|queue2 or owner=*`);
    return [];
  });
  const named = new Set(entries.map(({ ownerId }) => ownerId));
  if (named.size < entries.length) mistakes.push('OWNER_QUEUES names an owner twice');
  return entries;
};

const parseSchemes = (list: string, mistakes: string[]): readonly string[] => {
  const schemes = list.split(',').map((scheme) => scheme.trim().toLowerCase());
  for (const scheme of schemes)
    if (!/^[a-z][a-z0-9+.-]*$/.test(scheme))
      mistakes.push(`LOCATION_SCHEMES has "${scheme}", which is no scheme of a URI`);
  return schemes;
};

const urlOf = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

const isHttp = ({ protocol }: URL): boolean => protocol === 'https:' || protocol === 'http:';

/** Ends in a slash, so that what is found below it can be put behind it. */
const parsePublicUrl = (text: string | undefined, mistakes: string[]): string | undefined => {
  if (text === undefined) return undefined;
  const url = urlOf(text);
  if (url && isHttp(url) && `${url.origin}${url.pathname}` === url.href)
    return url.href.endsWith('/') ? url.href : `${url.href}/`;
  mistakes.push(
    `PUBLIC_URL is "${text}", which is no http(s) URL without user, query and fragment`,
  );
  return undefined;
};

const parseOrigins = (list: string | undefined, mistakes: string[]): readonly string[] => {
  if (list === undefined) return [];
  const origins = list.split(',').map((origin) => origin.trim());
  for (const origin of origins)
    if (urlOf(origin)?.origin !== origin)
      mistakes.push(`CORS_ORIGINS has "${origin}", which is no origin such as https://example.com`);
  return origins;
};

const ajv = new Ajv2020({
  allErrors: true,
  coerceTypes: true,
  useDefaults: true,
  strict: false,
  validateSchema: false, // a test does it: here that would take each start 0.4 s
});
const validate = ajv.compile<Settings>(schema);

const names = Object.keys(settings);

/** For the log at the start: settings that are given twice, and which one counts. */
export const doubleSettings = (env: Environment): string | undefined => doublyGiven(env, names);

/** The environment of a program of ours, with these settings in place of those that are given. */
export const childEnvironment = (
  env: Environment,
  replaced: Partial<Readonly<Record<keyof Settings, string>>>,
): Record<string, string | undefined> => environmentWith(env, names, replaced);

/**
 * Reads the settings, each from `PUNCTUAL_<NAME>` or, without that, from its plain name. Called once, by main;
 * nothing else reads the environment.
 *
 * @throws Error that tells all mistakes at once
 */
export const parseConfig = (env: Environment): Config => {
  const given: unknown = Object.fromEntries(
    names.flatMap((name) => {
      const value = valueOf(env, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  /** Each begins with the name of its setting. */
  const mistakes: string[] = [];
  const isValid = validate(given);
  for (const { instancePath, message } of validate.errors ?? [])
    mistakes.push(`${instancePath.slice(1)} ${message ?? 'is wrong'}`);
  const processes = parseProcesses(valueOf(env, 'PROCESSES'), mistakes);
  const apiKeys = parseApiKeys(valueOf(env, 'API_KEYS'), mistakes);
  const ownerQueues = parseOwnerQueues(valueOf(env, 'OWNER_QUEUES'), mistakes);
  if (isValid && given.SYSTEM_PREFIX !== undefined && !isSystemPrefix(given.SYSTEM_PREFIX))
    mistakes.push(
      `SYSTEM_PREFIX is "${given.SYSTEM_PREFIX}", and must be 1 to 32 lower-case letters and digits, a letter first, and not jobs or executor`,
    );
  const publicUrl = parsePublicUrl(valueOf(env, 'PUBLIC_URL'), mistakes);
  const corsOrigins = parseOrigins(valueOf(env, 'CORS_ORIGINS'), mistakes);
  const locationSchemes = isValid ? parseSchemes(given.LOCATION_SCHEMES, mistakes) : [];
  const told = [...mistakes.map((mistake) => asGiven(env, mistake)), ...misspelt(env, names)];
  if (!isValid || told.length > 0)
    throw new Error(`Bad settings (docs/settings.md lists them):\n- ${told.join('\n- ')}`);
  const {
    PROCESSES: _,
    API_KEYS: __,
    OWNER_QUEUES: ___,
    LOCATION_SCHEMES: ____,
    CORS_ORIGINS: _____,
    ...rest
  } = given;
  return Object.freeze({
    ...rest,
    ...(publicUrl !== undefined && { PUBLIC_URL: publicUrl }),
    ...{ processes, apiKeys, ownerQueues, locationSchemes, corsOrigins },
  });
};
