/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'PUNCTUAL_';

/** Taken by the event store of ours alone, and no mistakes in an environment that all programs share. */
export const EVENT_STORE_VARIABLES = {
  users: 'EVENTSTORE_USERS',
  postgresUrl: 'EVENTSTORE_POSTGRES_URL',
} as const;

/** Settings that had another name: it goes on working, and one line in the log says which one to use. */
export const OLD_NAMES: Readonly<Record<string, string>> = { SIGNING_SECRET: 'SEAL_SECRET' };

/** Kubernetes and Docker name a service `punctual-…` in the environment of its neighbours: `PUNCTUAL_PORT_8080_TCP`. */
const isServiceLink = (variable: string, value: string): boolean =>
  /_SERVICE_(HOST|PORT(_.+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(variable) ||
  (variable.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value));

/** An empty variable is an absent one, as compose files and shells leave them behind. */
const isGiven = (env: Environment, variable: string): boolean => {
  const value = env[variable] ?? '';
  return value !== '' && !(variable.startsWith(PREFIX) && isServiceLink(variable, value));
};

/** `PUNCTUAL_<NAME>` goes before the plain name, which may be somebody else's, and a name before an older one. */
const variablesOf = (setting: string): readonly string[] =>
  [setting, OLD_NAMES[setting]].flatMap((name) =>
    name === undefined ? [] : [`${PREFIX}${name}`, name],
  );

/** By which variable a setting is given. */
export const variableOf = (env: Environment, setting: string): string | undefined =>
  variablesOf(setting).find((variable) => isGiven(env, variable));

export const valueOf = (env: Environment, setting: string): string | undefined => {
  const variable = variableOf(env, setting);
  return variable === undefined ? undefined : env[variable];
};

/** A sentence that begins with the name of a setting, with the variable in its place that was given. */
export const asGiven = (env: Environment, sentence: string): string => {
  const [setting = ''] = /^[A-Z][A-Z0-9_]*/.exec(sentence) ?? [];
  const variable = variableOf(env, setting) ?? `${PREFIX}${setting}`;
  return setting === '' ? sentence : `${variable}${sentence.slice(setting.length)}`;
};

/** A sentence about settings that are given under two names and differ, which values they are not told. */
export const doublyGiven = (env: Environment, settings: readonly string[]): string | undefined => {
  const pairs = settings.flatMap((setting) => {
    const [taken, ...others] = variablesOf(setting).filter((variable) => isGiven(env, variable));
    return others
      .filter((other) => taken !== undefined && env[other] !== env[taken])
      .map((other) => `${taken} over ${other}`);
  });
  if (pairs.length === 0) return undefined;
  return `taken, where both are set and differ: ${pairs.join(', ')}`;
};

/** A sentence about settings that are given under the name that they had. */
export const formerlyNamed = (env: Environment): string | undefined => {
  const pairs = Object.entries(OLD_NAMES).flatMap(([setting, old]) =>
    [`${PREFIX}${old}`, old]
      .filter((variable) => isGiven(env, variable))
      .map((variable) => `${variable} is ${PREFIX}${setting} now`),
  );
  if (pairs.length === 0) return undefined;
  return `settings with a new name, of which the old one still works: ${pairs.join(', ')}`;
};

/** How many letters to add, remove or change to make one of the other. */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [index, letter] of Array.from(one).entries()) {
    const next = [index + 1];
    for (const [column, against] of Array.from(other).entries())
      next.push(
        Math.min(
          (row[column] ?? 0) + (letter === against ? 0 : 1),
          (row[column + 1] ?? 0) + 1,
          (next[column] ?? 0) + 1,
        ),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
};

/** One sentence for each variable that has our prefix and names no setting: it would do nothing, in silence. */
export const misspelt = (env: Environment, settings: readonly string[]): readonly string[] => {
  const known = [
    ...settings,
    ...Object.values(OLD_NAMES),
    ...Object.values(EVENT_STORE_VARIABLES),
  ].map((setting) => `${PREFIX}${setting}`);
  return Object.keys(env)
    .filter((variable) => variable.startsWith(PREFIX) && isGiven(env, variable))
    .filter((variable) => !known.includes(variable))
    .map((variable) => {
      const [nearest] = known
        .map((name) => ({ name, away: distance(variable, name) }))
        .sort((one, other) => one.away - other.away);
      const isNear = nearest !== undefined && nearest.away <= 4;
      return `${variable} is no setting${isNear ? `: did you mean ${nearest.name}?` : ''}`;
    });
};

/**
 * The environment of a program of ours with some settings replaced. What a user gave keeps its variable, so that
 * the program's messages name that; an old name was told of already, and becomes the new one.
 */
export const environmentWith = (
  env: Environment,
  settings: readonly string[],
  replaced: Readonly<Record<string, string>>,
): Record<string, string | undefined> => {
  const result: Record<string, string | undefined> = { ...env };
  for (const setting of settings) {
    const variable = variableOf(env, setting);
    const value = replaced[setting] ?? valueOf(env, setting);
    const isKept = value === valueOf(env, setting) && variable?.endsWith(setting) === true;
    for (const name of variablesOf(setting)) delete result[name];
    if (value !== undefined) result[isKept ? variable : `${PREFIX}${setting}`] = value;
  }
  return result;
};
