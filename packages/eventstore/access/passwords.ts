import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** OWASP's second choice for scrypt (N 2^16, r 8, p 2) at a quarter of its memory: some 16 MiB and 50 ms. */
const cost: ScryptOptions = { N: 2 ** 14, r: 8, p: 1 };
const hashBytes = 32;
const saltBytes = 16;

export type PasswordHash = { readonly salt: Buffer; readonly hash: Buffer };

const derive = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password, salt, hashBytes, cost, (error, hash) =>
      error ? reject(error) : resolve(hash),
    );
  });

export const hashPassword = async (password: string): Promise<PasswordHash> => {
  const salt = randomBytes(saltBytes);
  return { salt, hash: await derive(password, salt) };
};

/** Takes as long for a wrong password as for the right one. */
export const matchesPassword = async (
  password: string,
  { salt, hash }: PasswordHash,
): Promise<boolean> => timingSafeEqual(await derive(password, salt), hash);
