import type { ClientBase } from 'pg';

/** By name, as `set` takes them. */
export type SessionSettings = Readonly<Record<string, string | number>>;

/**
 * What a role, a database or a server may have set otherwise, and any session may. A session's own purpose and the
 * connection string may change it.
 */
const unlessToldOtherwise: SessionSettings = {
  statement_timeout: 0,
  lock_timeout: 0,
  transaction_timeout: 0,
  idle_in_transaction_session_timeout: 0,
  idle_session_timeout: 0,
};

/**
 * How values are written and read, and what a transaction sees: the driver and our statements know only these ways,
 * so that nothing may change them.
 */
const reliedUpon: SessionSettings = {
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: 1,
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  default_transaction_isolation: 'read committed',
};

/**
 * Settings that an older server does not know are left out, but not those that the connection string names: a
 * misspelt one is an error there.
 */
const SET = `
  select count(set_config(name, value, false))
  from unnest($1::text[], $2::text[], $3::boolean[]) as s (name, value, is_given)
  where is_given or current_setting(name, true) is not null`;

/**
 * Sets all that the code relies on, and what is asked for, once the session is open: poolers refuse settings in the
 * first message, and some forget them.
 *
 * @param own    of this kind of session
 * @param given  of the connection string, which go before those
 */
export const applySettings = async (
  client: ClientBase,
  own: SessionSettings,
  given: SessionSettings,
): Promise<void> => {
  const chosen = Object.entries({ ...unlessToldOtherwise, ...own, ...given, ...reliedUpon });
  await client.query(SET, [
    chosen.map(([name]) => name),
    chosen.map(([, value]) => String(value)),
    chosen.map(([name]) => Object.hasOwn(given, name)),
  ]);
};

const unescaped = (text: string): string => text.replaceAll(/\\(.)/g, '$1');

/** What the parameter `options` of a connection string says: settings, and whatever else is in it. */
export const settingsIn = (
  options: string,
): { readonly settings: SessionSettings; readonly rest: string } => {
  const words = options.match(/(?:\\.|[^\s\\])+/g) ?? [];
  const settings: Record<string, string> = {};
  const rest: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const text = word === '-c' ? (words[++index] ?? '') : word.replace(/^(-c|--)(?=.)/, '');
    const [, name, value] = /^([A-Za-z_][\w.-]*)=(.*)$/.exec(text) ?? [];
    // `--lock-timeout` is the same as lock_timeout; a word without dashes is for whoever routes connections
    if (name !== undefined && value !== undefined && word.startsWith('-'))
      settings[name.replaceAll('-', '_')] = unescaped(value);
    else rest.push(word);
  }
  return { settings, rest: rest.join(' ') };
};

/** A space in a value is escaped, as the server's option parser wants it. */
const asOption = (name: string, value: string): string =>
  `-c ${name}=${value.replaceAll(/[\\ ]/g, String.raw`\$&`)}`;

/** A connection string for another schema of the same database, where unqualified names are looked up and made. */
export const inSchema = (url: string, schema: string): string => {
  const [address = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  const given = parameters.get('options');
  const chosen = asOption('search_path', schema);
  parameters.set('options', given === null ? chosen : `${given} ${chosen}`); // the last one counts
  return `${address}?${parameters.toString()}`;
};
