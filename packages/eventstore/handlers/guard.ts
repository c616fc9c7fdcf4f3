import type { Access } from '../access/access';
import type { User } from '../access/users';
import type { WriteRequest } from '../core/events';
import type { Settle } from '../core/write-queue';
import type { Handler } from '../transport/call';
import { accessDenied } from '../wire/call-error';
import type { HandlerDeps } from './deps';

/** Writes of one caller: each is asked about, and goes on at once when the answer is known. */
const guardedWrite =
  ({ write, log }: HandlerDeps, access: Access, user: User | undefined): HandlerDeps['write'] =>
  (request: WriteRequest, settle: Settle) => {
    const decide = (isPermitted: boolean): void =>
      isPermitted ? write(request, settle) : settle({ outcome: 'access-denied' });
    const action = request.kind === 'append' ? 'write' : 'delete';
    const permitted = access.may(user, action, request.stream);
    if (typeof permitted === 'boolean') decide(permitted);
    else
      permitted.then(decide, (error: unknown) => {
        log('warn', 'a lookup of an ACL failed', { error: String(error) });
        settle({ outcome: 'unknown' });
      });
  };

/** A handler that serves each call with the rights of its caller. */
export const guarded =
  (deps: HandlerDeps, access: Access, handlerOf: (deps: HandlerDeps) => Handler): Handler =>
  async (call) => {
    const user = await access.userOf(call.header('authorization'));
    const handler = handlerOf({
      ...deps,
      write: guardedWrite(deps, access, user),
      permitRead: async (stream) => {
        if (!(await access.may(user, 'read', stream))) throw accessDenied();
      },
    });
    await handler(call);
  };
