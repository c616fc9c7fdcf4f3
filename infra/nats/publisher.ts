import { ErrorCode, NatsError, type NatsConnection } from 'nats';
import { isDenied } from './api-errors';
import { unlessRenewed } from './reconnects';
import { isSilence, JETSTREAM_SILENT } from './silence';

/** Nobody knows whether the message was stored: publish again with the same id. */
export class PublishOutcomeUnknown extends Error {
  override readonly name = 'PublishOutcomeUnknown';
}

/**
 * `no-stream`: nobody takes the subject. `full`: no room now, by a limit of the stream. `too-large`: never will be.
 * `denied`: no right. `cannot-store`: a write of the broker itself has failed.
 */
export type RefusalReason =
  | 'no-stream'
  | 'denied'
  | 'full'
  | 'too-large'
  | 'cannot-store'
  | 'other';

export type MessageSizes = { readonly messageBytes: number; readonly maxBytes: number };

/** nats-server goes on refusing when there is room again, until it is started again. */
const sentences: Readonly<Partial<Record<RefusalReason, string>>> = {
  'cannot-store':
    'the broker cannot store messages; look at its log, and where its disk is full, make room and start it again',
};

/** The message was not stored. */
export class PublishRefused extends Error {
  override readonly name = 'PublishRefused';
  readonly reason: RefusalReason;
  /** Of a message that is too large by the broker's greeting. */
  readonly sizes: MessageSizes | undefined;

  constructor(
    reason: RefusalReason,
    { sizes, ...options }: ErrorOptions & { readonly sizes?: MessageSizes | undefined },
  ) {
    super(sentences[reason] ?? `the broker refused a message: ${reason}`, options);
    this.reason = reason;
    this.sizes = sizes;
  }
}

export type Publisher = {
  /**
   * Stores one message and resolves when the broker has acknowledged it; `duplicate` when it had the id already.
   *
   * @throws PublishRefused         it was not stored
   * @throws PublishOutcomeUnknown  it may have been
   */
  readonly publish: (
    subject: string,
    body: string,
    messageId: string,
  ) => Promise<{ readonly duplicate: boolean }>;
};

const TIMEOUT_MS = 5_000;

/** JetStream's codes for limits of storage, of the account or the server. */
const full = new Set([10_047, 10_023, 10_028, 10_002]);
/** The store refused: by a limit of the stream, which it says, or for it could not write. */
const NOT_STORED = 10_077;
const isLimit = (description: string): boolean => /^maximum /i.test(description);
const MESSAGE_TOO_LARGE = 10_054;

const encoder = new TextEncoder();

/**
 * Resolves at the end of this turn of the event loop, for all who wait in one go. What is published then
 * leaves in one write: the client writes whenever it is given a pause, and a write costs more than a message.
 */
const endOfTurn = (): (() => Promise<void>) => {
  let turn: Promise<void> | undefined;
  return () =>
    (turn ??= new Promise((resolve) => {
      setImmediate(() => {
        turn = undefined;
        resolve();
      });
    }));
};

export const publisher = (connection: NatsConnection, timeoutMs = TIMEOUT_MS): Publisher => {
  const stream = connection.jetstream({ timeout: timeoutMs });
  const turn = endOfTurn();
  return {
    publish: async (subject, body, messageId) => {
      await turn();
      const data = encoder.encode(body);
      try {
        const { duplicate } = await unlessRenewed(
          connection,
          stream.publish(subject, data, { msgID: messageId }),
        );
        return { duplicate };
      } catch (error) {
        throw failureOf(error, {
          messageBytes: data.length,
          maxBytes: connection.info?.max_payload ?? Infinity,
        });
      }
    },
  };
};

const failureOf = (cause: unknown, sizes: MessageSizes): Error => {
  const reason = cause instanceof NatsError ? refusalOf(cause) : undefined;
  return reason === undefined
    ? new PublishOutcomeUnknown(
        isSilence(cause) ? JETSTREAM_SILENT : 'the broker did not acknowledge a message',
        { cause },
      )
    : new PublishRefused(reason, {
        cause,
        ...(isMaxPayload(cause) && { sizes }),
      });
};

const isMaxPayload = (error: unknown): boolean =>
  error instanceof NatsError && error.code === String(ErrorCode.MaxPayloadExceeded);

const refusalOf = (error: NatsError): RefusalReason | undefined => {
  const code: string = error.code;
  const errorCode = error.api_error?.err_code;
  if (isMaxPayload(error)) return 'too-large';
  if (isDenied(error)) return 'denied';
  if (errorCode === MESSAGE_TOO_LARGE) return 'too-large';
  if (errorCode === NOT_STORED)
    return isLimit(error.api_error?.description ?? '') ? 'full' : 'cannot-store';
  if (errorCode !== undefined) return full.has(errorCode) ? 'full' : 'other';
  return code === String(ErrorCode.NoResponders) ? 'no-stream' : undefined;
};
