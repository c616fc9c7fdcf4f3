import type { NatsConnection } from 'nats';
import type { StoredMessage } from '../../projections/audit/message-check';
import type { BrokerNames } from './names';
import { unlessRenewed } from './reconnects';

type Answer = {
  readonly message?: {
    readonly subject: string;
    readonly seq: number;
    readonly hdrs?: string;
    readonly data?: string;
  };
  readonly error?: { readonly err_code: number; readonly description: string };
};

/** Readers side by side, each of a part of the sequence. */
const READERS = 64;
const TIMEOUT_MS = 5_000;
/** JetStream's codes for "no message found" and "stream not found". */
const NO_MESSAGE = 10_037;
const NO_STREAM = 10_059;

const decoder = new TextDecoder();

const idIn = (headers: string | undefined): string | undefined =>
  /^Nats-Msg-Id: *(.*?)\r?$/im.exec(Buffer.from(headers ?? '', 'base64').toString('utf8'))?.[1];

const ask = async (
  connection: NatsConnection,
  { stream }: BrokerNames,
  call: string,
  request: object,
): Promise<Answer & { readonly state?: { first_seq: number; last_seq: number } }> => {
  const asked = connection.request(`$JS.API.STREAM.${call}.${stream}`, JSON.stringify(request), {
    timeout: TIMEOUT_MS,
  });
  const { data } = await unlessRenewed(connection, asked);
  return JSON.parse(decoder.decode(data)) as Answer; // the broker's own answer
};

/** The first message at or after a sequence; undefined when there is none. */
const messageFrom = async (
  connection: NatsConnection,
  names: BrokerNames,
  sequence: number,
): Promise<StoredMessage | undefined> => {
  const { message, error } = await ask(connection, names, 'MSG.GET', {
    seq: sequence,
    next_by_subj: names.allDue,
  });
  if (error?.err_code === NO_MESSAGE) return undefined;
  if (!message) throw new Error(`the broker does not give a message: ${error?.description ?? ''}`);
  return {
    stream: names.stream,
    sequence: message.seq,
    subject: message.subject,
    id: idIn(message.hdrs),
    data: Buffer.from(message.data ?? '', 'base64'),
  };
};

/**
 * Gives all messages of due jobs as they are stored, in no order, without consuming them; none when there is
 * no such stream. One that is acknowledged meanwhile may be among them or not.
 *
 * @throws Error when the broker does not answer
 */
export const readStoredMessages = async (
  connection: NatsConnection,
  names: BrokerNames,
  onMessage: (message: StoredMessage) => void,
  signal: AbortSignal,
): Promise<void> => {
  const { state, error } = await ask(connection, names, 'INFO', {});
  if (error?.err_code === NO_STREAM) return;
  if (!state)
    throw new Error(`the broker does not show ${names.stream}: ${error?.description ?? ''}`);
  const { first_seq: first, last_seq: last } = state;
  const part = Math.ceil((last - first + 1) / READERS);

  // most sequences are of messages that are gone: the broker skips them
  const readPart = async (from: number, end: number): Promise<void> => {
    for (let next = from; next < end;) {
      signal.throwIfAborted();
      const message = await messageFrom(connection, names, next);
      if (!message || message.sequence >= end) return;
      onMessage(message);
      next = message.sequence + 1;
    }
  };
  await Promise.all(
    Array.from({ length: READERS }, (_, n) => {
      const from = first + n * part;
      return readPart(from, Math.min(from + part, last + 1));
    }),
  );
};
