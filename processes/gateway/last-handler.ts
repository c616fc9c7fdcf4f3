import type { Logger } from '../runtime/logger';

export type LastHandlerDeps = {
  readonly subject: string;
  /** What is answered when nothing else is known to say; true for every request of the subject. */
  readonly refusal: object;
  readonly logger: Logger;
  readonly unforeseen: (subject: string) => void;
};

/**
 * Makes a handler that never rejects: what nobody had thought of is answered as a refusal, counted and logged, and
 * ends neither the process nor the requests beside it.
 */
export const lastHandler = (
  { subject, refusal, logger, unforeseen }: LastHandlerDeps,
  handle: (data: Uint8Array) => Promise<string>,
): ((data: Uint8Array) => Promise<string>) => {
  const refused = JSON.stringify(refusal);
  return async (data) => {
    try {
      return await handle(data);
    } catch (error) {
      unforeseen(subject);
      logger.error(
        { err: error, subject, sizeBytes: data.length },
        'a request could not be handled',
      );
      return refused;
    }
  };
};
