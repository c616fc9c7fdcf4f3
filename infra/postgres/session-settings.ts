/** A space in a value is escaped, as the server's option parser wants it. */
const asOptions = (settings: Readonly<Record<string, string | number>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${String(value).replaceAll(/[\\ ]/g, String.raw`\$&`)}`)
    .join(' ');

/**
 * A connection string whose sessions begin with these settings. Those that it names itself stay and win:
 * the driver would take one list of options and forget the other.
 */
export const withSettings = (
  url: string,
  settings: Readonly<Record<string, string | number>>,
): string => {
  const [address = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  const given = parameters.get('options');
  parameters.set('options', [asOptions(settings), ...(given === null ? [] : [given])].join(' '));
  return `${address}?${parameters.toString()}`;
};

/** A connection string for another schema of the same database, where unqualified names are looked up and made. */
export const inSchema = (url: string, schema: string): string => {
  const [address = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  const given = parameters.get('options');
  const chosen = asOptions({ search_path: schema });
  parameters.set('options', given === null ? chosen : `${given} ${chosen}`); // the last one counts
  return `${address}?${parameters.toString()}`;
};
