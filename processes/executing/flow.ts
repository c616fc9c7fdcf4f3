import type { Flow } from './shares';

/** Calls that one host gets at once, whatever its port. */
export const CALLS_PER_HOST = 32;

export const schemeOf = (location: string): string =>
  location.split(':', 1)[0]?.toLowerCase() ?? '';

/** Where a job's call goes: the host of a URL that is called, else all that the scheme's handler runs. */
export const flowOf = (ownerId: string, location: string): Flow => {
  const scheme = schemeOf(location);
  if ((scheme === 'https' || scheme === 'http') && URL.canParse(location))
    return { ownerId, target: `//${new URL(location).hostname}`, targetLimit: CALLS_PER_HOST };
  return { ownerId, target: `${scheme}:`, targetLimit: Infinity };
};
