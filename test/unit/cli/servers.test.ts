import { writeEndpoints } from '../../../processes/composition/endpoints';
import { serversFrom } from '../../../cli/servers';
import { UsageError } from '../../../cli/verb';
import { tempFolder } from '../../support/temp-folder';

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeAll(async () => {
  folder = await tempFolder('servers');
  await writeEndpoints(folder.path, {
    ...{ httpUrl: '', postgresUrl: 'postgres://there', natsUrl: 'nats://there' },
    ...{ eventstoreUrl: 'esdb://there', systemPrefix: 'acme' },
    ...{ coreMetricsUrl: '', planMetricsUrl: '', archiveMetricsUrl: '', pids: {} },
  });
});
afterAll(() => folder.remove());

const streamOf = async (
  flags: Parameters<typeof serversFrom>[0],
  env: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const { names } = await serversFrom({ 'data-dir': folder.path, ...flags }, { env });
  return names.broker.stream;
};

test('a tool on the folder of a stack is of the system that runs there', async () => {
  expect(await streamOf({})).toBe('acme_JOBS_DUE');
});

test.each([
  ['a flag', { eventstore: 'esdb://elsewhere' }, {}],
  ['a variable', {}, { PUNCTUAL_EVENTSTORE_URL: 'esdb://elsewhere' }],
])(
  'a log that %s names is not read as the system of a folder that lies about',
  async (_, flags, env) => {
    expect(await streamOf(flags, env)).toBe('JOBS_DUE');
  },
);

test('what is said is taken: the flag before the variable, the variable before the folder', async () => {
  const env = { PUNCTUAL_SYSTEM_PREFIX: 'said' };
  expect(await streamOf({}, env)).toBe('said_JOBS_DUE');
  expect(await streamOf({ prefix: 'again' }, env)).toBe('again_JOBS_DUE');
});

test.each(['Acme', 'a.b', '*', 'jobs'])(
  'the prefix %j is a wrong flag, not a system without jobs',
  async (prefix) => {
    await expect(streamOf({ prefix })).rejects.toThrow(UsageError);
  },
);
