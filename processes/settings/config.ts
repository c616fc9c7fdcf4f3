import { Ajv2020 } from 'ajv/dist/2020';
import { isSystemPrefix } from '../../infra/system-names';
import {
  parseApiKeys,
  parseOrigins,
  parseOwnerQueues,
  parseProcesses,
  parsePublicUrl,
  parseSchemes,
  type ApiKey,
  type OwnerQueues,
} from './lists';
import type { ProcessName } from './process-names';
import { settingsSchema, type Settings } from './settings';
import {
  asGiven,
  doublyGiven,
  environmentWith,
  misspelt,
  valueOf,
  type Environment,
} from './variables';

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

const ajv = new Ajv2020({
  allErrors: true,
  coerceTypes: true,
  useDefaults: true,
  strict: false,
  validateSchema: false, // a test does it: here that would take each start 0.4 s
});
const validate = ajv.compile<Settings>(settingsSchema);

const names = Object.keys(settingsSchema.properties);

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
