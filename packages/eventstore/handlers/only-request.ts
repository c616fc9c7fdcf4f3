import type { Call } from '../transport/call';
import { badRequest } from '../wire/call-error';

/** The one message of a call that has one. */
export const onlyRequest = async (call: Call): Promise<Buffer> => {
  let only: Buffer | undefined;
  for await (const messages of call.requests) only ??= messages[0];
  if (!only) throw badRequest('a call without a message');
  return only;
};
