import type { SignInCode } from '../../api/access/sign-in-codes';

const ANSWERS_WITHIN_MS = 5_000;

/**
 * An address that signs a browser in as the holder of the key, once and within a minute.
 *
 * @param publicUrl  where users find the console, if not at `httpUrl`
 * @returns undefined when the API gave none: nobody's start depends on it
 */
export const signInLink = async (
  httpUrl: string,
  publicUrl: string | undefined,
  key: string,
): Promise<string | undefined> => {
  try {
    const response = await fetch(`${httpUrl}/v1/sign-in-codes`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    });
    if (!response.ok) return undefined;
    const { code } = (await response.json()) as SignInCode; // our own API's answer
    return `${publicUrl ?? `${httpUrl}/`}#sign-in=${code}`;
  } catch {
    return undefined;
  }
};
