import type { JobError } from '../../domain/job/definition';

/** The broker as the dispatcher and the rescuer see it. */
export type DueMessages = {
  /**
   * Stores one JobDue message and resolves when the broker has acknowledged it. The same id again is stored once.
   *
   * @throws Error  the outcome is unknown: publish again with the same id
   */
  readonly publish: (
    queue: string,
    jobId: string,
    messageId: string,
    text: string,
  ) => Promise<void>;
  /** Why the same message would meet the same error of `publish` again and again; undefined for any other. */
  readonly hopelessness: (error: unknown) => JobError | undefined;
  /** True for an error of `publish` that says: not stored, for there is no room now. */
  readonly isForWantOfRoom: (error: unknown) => boolean;
};
