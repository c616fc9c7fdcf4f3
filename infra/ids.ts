import { hash, randomFillSync } from 'node:crypto';
import { V7Generator } from 'uuidv7';
import type { Ids } from '../domain/ids';

/** Namespace of all derived ids. Changing it would make every retried command a new one. */
const NAMESPACE = Buffer.from('8f1d9c52a6b34f0e9d7c2b5e41a70c63', 'hex');

/** UUIDv5 (RFC 9562): SHA-1 of namespace and name, cut to 16 bytes, with version and variant set. */
const uuidv5 = (name: string): string => {
  const hex = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(name, 'utf8')]));
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** Random numbers ahead: one call for many ids, where the package makes one for two. */
const randomNumbers = (): (() => number) => {
  const pool = new Uint32Array(1_024);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const number = pool[used] ?? 0;
    used += 1;
    return number;
  };
};

const generator = new V7Generator({ nextUint32: randomNumbers() });

export const uuids: Ids = {
  next: () => generator.generate().toString(),
  // as a JSON array: ('a', 'bc') and ('ab', 'c') are different parts
  derive: (...parts) => uuidv5(JSON.stringify(parts)),
};
