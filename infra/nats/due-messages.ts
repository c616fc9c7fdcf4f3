import { NatsError, type NatsConnection } from 'nats';
import type { BrokerNames } from './names';
import { publisher, PublishRefused } from './publisher';
import { unlessRenewed } from './reconnects';
import { refusalOf } from './refusals';
import { ensureDueStream, type DueStreamSettings } from './topology';

/** The JobDue messages that nobody has acknowledged yet, for those who send them. */
export type JobDueMessages = {
  /**
   * Stores one message and resolves when the broker has acknowledged it. The same id again is stored once.
   *
   * @throws PublishRefused, PublishOutcomeUnknown  publish again with the same id
   * @throws RangeError  for a queue or a job id that does not fit into a subject
   */
  readonly publish: (
    queue: string,
    jobId: string,
    messageId: string,
    text: string,
  ) => Promise<void>;
  /** Why the same message would meet the same error of `publish` again and again; undefined for any other. */
  readonly hopelessness: (
    error: unknown,
  ) => { readonly code: string; readonly message: string } | undefined;
  /** True for an error of `publish` that says: not stored, for there is no room now. */
  readonly isForWantOfRoom: (error: unknown) => boolean;
  /** Whether a message for the job is still there: waiting, or delivered and not yet acknowledged. */
  readonly isStored: (queue: string, jobId: string) => Promise<boolean>;
  /**
   * Makes sure that the stream is there.
   *
   * @returns when it was made, RFC 3339: another text than last time means that the broker has come back empty
   */
  readonly incarnation: () => Promise<string>;
};

export type DueMessagesSettings = DueStreamSettings & {
  /** How long the broker may take to acknowledge; by default 5 s. */
  readonly publishTimeoutMs?: number;
};

/** JetStream's codes for "no message found" and "stream not found". */
const notThere = new Set([10_037, 10_059]);

export const jobDueMessages = (
  connection: NatsConnection,
  names: BrokerNames,
  settings: DueMessagesSettings,
): JobDueMessages => {
  const { stream, dueSubject } = names;
  const { publish } = publisher(connection, settings.publishTimeoutMs);
  const ensure = (): Promise<string> => ensureDueStream(connection, names, settings);
  let mending: Promise<unknown> | undefined;

  /** Hundreds of publishes fail at one moment when the broker came back empty: one of them mends. */
  const mend = (): void => {
    mending ??= ensure()
      .catch(() => undefined) // the next publish fails too, and mends again
      .finally(() => (mending = undefined));
  };

  return {
    publish: async (queue, jobId, messageId, text) => {
      try {
        await publish(dueSubject(queue, jobId), text, messageId);
      } catch (error) {
        if (error instanceof PublishRefused && error.reason === 'no-stream') mend();
        throw error;
      }
    },
    hopelessness: (error) => {
      const refusal = refusalOf(error);
      return refusal?.kind === 'hopeless'
        ? { code: refusal.code, message: refusal.message }
        : undefined;
    },
    isForWantOfRoom: (error) => refusalOf(error)?.kind === 'full',
    isStored: async (queue, jobId) => {
      const manager = await connection.jetstreamManager({ checkAPI: false });
      try {
        await unlessRenewed(
          connection,
          manager.streams.getMessage(stream, { last_by_subj: dueSubject(queue, jobId) }),
        );
        return true;
      } catch (error) {
        const code = error instanceof NatsError ? error.api_error?.err_code : undefined;
        if (code !== undefined && notThere.has(code)) return false;
        throw error;
      }
    },
    incarnation: ensure,
  };
};
