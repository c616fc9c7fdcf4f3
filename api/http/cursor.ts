import type { Signer } from '../../domain/signer';
import { isUuid } from '../../domain/ids';
import type { JobKey } from '../../domain/job/filter';

export type Cursors = {
  /** `scope` says whose list it is and what it is filtered by; the next page begins after `key`. */
  readonly write: (scope: string, key: JobKey) => string;
  /** Undefined for a cursor that we did not write for this very scope. */
  readonly read: (scope: string, cursor: string) => JobKey | undefined;
};

const keyOf = (cursor: string): JobKey | undefined => {
  const [place = ''] = cursor.split('.');
  const [dueAt = '', jobId = ''] = Buffer.from(place, 'base64url').toString().split(' ');
  return /^\d{1,15}$/.test(dueAt) && isUuid(jobId) ? { dueAt: Number(dueAt), jobId } : undefined;
};

/** Cursors that nobody can make up, change, or carry over to another list. */
export const signedCursors = ({ sign, isSignature }: Signer): Cursors => {
  const textOf = (scope: string, place: string): string => JSON.stringify(['cursor', scope, place]);
  return {
    write: (scope, { dueAt, jobId }) => {
      const place = `${dueAt} ${jobId}`;
      return `${Buffer.from(place).toString('base64url')}.${sign(textOf(scope, place))}`;
    },
    read: (scope, cursor) => {
      const key = keyOf(cursor);
      if (!key) return undefined;
      const place = `${key.dueAt} ${key.jobId}`;
      const given = cursor.slice(cursor.indexOf('.') + 1);
      // base64url has several spellings of the same bytes: ours is one of them
      const isOurs = cursor === `${Buffer.from(place).toString('base64url')}.${given}`;
      return isOurs && isSignature(textOf(scope, place), given) ? key : undefined;
    },
  };
};
