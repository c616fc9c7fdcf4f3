import { isQueueName } from '../../domain/ids';
import { processNames, type ProcessName } from './process-names';

// settings that are more than one schema says: lists in one text, and addresses; what is wrong is told in sentences

export type Role = 'user' | 'operator' | 'executor';

export type ApiKey = { readonly key: string; readonly principalId: string; readonly role: Role };

/** The owner `*` is everybody who is not named. */
export type OwnerQueues = { readonly ownerId: string; readonly queues: readonly string[] | 'any' };

const isProcessName = (name: string): name is ProcessName =>
  (processNames as readonly string[]).includes(name);

const isRole = (role: string): role is Role => ['user', 'operator', 'executor'].includes(role);

export const parseProcesses = (
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

export const parseApiKeys = (list: string | undefined, mistakes: string[]): readonly ApiKey[] => {
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
export const parseOwnerQueues = (
  list: string | undefined,
  mistakes: string[],
): readonly OwnerQueues[] => {
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

export const parseSchemes = (list: string, mistakes: string[]): readonly string[] => {
  const schemes = list.split(',').map((scheme) => scheme.trim().toLowerCase());
  for (const scheme of schemes)
    if (!/^[a-z][a-z0-9+.-]*$/.test(scheme))
      mistakes.push(`LOCATION_SCHEMES has "${scheme}", which is no scheme of a URI`);
  return schemes;
};

const urlOf = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

const isHttp = ({ protocol }: URL): boolean => protocol === 'https:' || protocol === 'http:';

/** Ends in a slash, so that what is found below it can be put behind it. */
export const parsePublicUrl = (
  text: string | undefined,
  mistakes: string[],
): string | undefined => {
  if (text === undefined) return undefined;
  const url = urlOf(text);
  if (url && isHttp(url) && `${url.origin}${url.pathname}` === url.href)
    return url.href.endsWith('/') ? url.href : `${url.href}/`;
  mistakes.push(
    `PUBLIC_URL is "${text}", which is no http(s) URL without user, query and fragment`,
  );
  return undefined;
};

export const parseOrigins = (list: string | undefined, mistakes: string[]): readonly string[] => {
  if (list === undefined) return [];
  const origins = list.split(',').map((origin) => origin.trim());
  for (const origin of origins)
    if (urlOf(origin)?.origin !== origin)
      mistakes.push(`CORS_ORIGINS has "${origin}", which is no origin such as https://example.com`);
  return origins;
};
