import { Type, type Static, type TProperties } from '@sinclair/typebox';
import { POLITE_PER_SECOND } from '../../projections/reading/pace';
import { processNames } from './process-names';

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

/** All settings, as environment variables without their prefix. */
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
    'A job that is due in a minute with more jobs than this is accepted with a warning; to users from 1.25 to 1.5 times as many on',
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

export const settingsSchema = Type.Object(settings);

export type Settings = Static<typeof settingsSchema>;

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
