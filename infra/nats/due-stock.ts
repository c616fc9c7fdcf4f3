import { NatsError, type NatsConnection } from 'nats';
import type { BrokerNames } from './names';
import { unlessRenewed } from './reconnects';
import { refusalOf, type Refusal } from './refusals';
import { dueStreamInfo, type DueStreamSettings } from './topology';

/** What the broker holds of one job. */
export type StoredSubject = {
  readonly queue: string;
  readonly jobId: string;
  readonly messages: number;
};

export type StockState = {
  /** RFC 3339: another text than last time means that the broker has come back empty. */
  readonly madeAt: string;
  readonly messages: number;
  /** Room for more; Infinity without a limit. */
  readonly roomBytes: number;
};

export type StockedMessage = { readonly sequence: number; readonly messageId: string };

/** What is in the stream, without consuming it. Every call throws when the broker does not answer. */
export type DueStock = {
  /** Makes sure that the stream is there. */
  readonly state: () => Promise<StockState>;
  /** Every job that has a message, waiting or delivered and not yet acknowledged: some 5 µs each, here and in the broker. */
  readonly subjects: (onSubject: (subject: StoredSubject) => void) => Promise<void>;
  /** The newest message of a job. */
  readonly newest: (queue: string, jobId: string) => Promise<StockedMessage | undefined>;
  /** All messages of a job, the oldest first: the broker looks through the whole stream for them. */
  readonly all: (queue: string, jobId: string) => Promise<readonly StockedMessage[]>;
  /** @returns false when it was gone already */
  readonly remove: (sequence: number) => Promise<boolean>;
  /** Undefined for an error of a publish that tells nothing of the message. */
  readonly refusalOf: (error: unknown) => Refusal | undefined;
};

/** A listing of 100,000 subjects, the most that one answer holds, takes the broker a second or two. */
const TIMEOUT_MS = 10_000;
/** JetStream's codes for "no message found", "stream not found" and a sequence that is gone. */
const notThere = new Set([10_037, 10_059, 10_043, 10_057]);
/** Subjects that are handed on in one turn of the event loop: timers of due jobs run on the same thread. */
const IN_ONE_TURN = 5_000;
/** Queue, job and number of messages. Names of queues and job ids cannot hold what would end them. */
const subjectBelow = (root: string): RegExp =>
  new RegExp(`"${root.replaceAll('.', '\\.')}\\.([\\w-]+)\\.([\\w-]+)":(\\d+)`, 'g');

const decoder = new TextDecoder();

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const totalOf = (answer: string): number =>
  Number(/"total":(\d+)/.exec(answer.slice(answer.lastIndexOf('"total"')))?.[1] ?? 0);

const isNotThere = (error: unknown): boolean => {
  const code = error instanceof NatsError ? error.api_error?.err_code : undefined;
  return code !== undefined && notThere.has(code);
};

const idIn = (headers: string): string =>
  /^Nats-Msg-Id: *(.*?)\r?$/im.exec(Buffer.from(headers, 'base64').toString('utf8'))?.[1] ?? '';

export const dueStock = (
  connection: NatsConnection,
  names: BrokerNames,
  settings: DueStreamSettings,
): DueStock => {
  const { stream, dueSubject, allDue } = names;
  const subject = subjectBelow(names.dueRoot);
  const ask = async (call: string, request: object): Promise<string> => {
    const asked = connection.request(`$JS.API.STREAM.${call}.${stream}`, JSON.stringify(request), {
      timeout: TIMEOUT_MS,
    });
    return decoder.decode((await unlessRenewed(connection, asked)).data);
  };
  /** @throws NatsError with the broker's code */
  const answerOf = async (
    call: string,
    request: object,
  ): Promise<Readonly<Record<string, unknown>>> => {
    const answer = JSON.parse(await ask(call, request)) as Record<string, unknown>; // the broker's own answer
    const error = answer['error'] as NatsError['api_error'] | undefined;
    if (error) {
      const failure = new NatsError(error.description, String(error.code));
      failure.api_error = error;
      throw failure;
    }
    return answer;
  };

  const messageBy = async (request: object): Promise<StockedMessage | undefined> => {
    try {
      const { message } = (await answerOf('MSG.GET', request)) as {
        readonly message?: { readonly seq: number; readonly hdrs?: string };
      };
      return message && { sequence: message.seq, messageId: idIn(message.hdrs ?? '') };
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw error;
    }
  };

  return {
    state: async () => {
      const { created: madeAt, state, config } = await dueStreamInfo(connection, names, settings);
      const roomBytes = config.max_bytes > 0 ? config.max_bytes - state.bytes : Infinity;
      return { madeAt, messages: state.messages, roomBytes };
    },

    subjects: async (onSubject) => {
      for (let offset = 0; ;) {
        // not parsed as JSON: megabytes of it at once would make due jobs late
        const answer = await ask('INFO', { subjects_filter: allDue, offset });
        let seen = 0;
        for (const [, queue = '', jobId = '', messages = ''] of answer.matchAll(subject)) {
          onSubject({ queue, jobId, messages: Number(messages) });
          seen += 1;
          if (seen % IN_ONE_TURN === 0) await turn();
        }
        offset += seen;
        if (seen === 0 || offset >= totalOf(answer)) return;
      }
    },

    newest: (queue, jobId) => messageBy({ last_by_subj: dueSubject(queue, jobId) }),

    all: async (queue, jobId) => {
      const found: StockedMessage[] = [];
      for (;;) {
        const seq = (found.at(-1)?.sequence ?? 0) + 1;
        const next = await messageBy({ seq, next_by_subj: dueSubject(queue, jobId) });
        if (!next) return found;
        found.push(next);
      }
    },

    remove: async (sequence) => {
      try {
        await answerOf('MSG.DELETE', { seq: sequence, no_erase: true });
        return true;
      } catch (error) {
        if (isNotThere(error)) return false;
        throw error;
      }
    },

    refusalOf,
  };
};
