import { ENTRY_BYTES } from '../protocol/message-size';
import type { ReportRequest } from '../protocol/report';

type Outcome = ReportRequest['outcome'];

/** Of an error's message, when there is hardly any room. */
const SHORT_MESSAGE_CHARS = 200;

export const outcomeBytes = (outcome: Outcome): number =>
  Buffer.byteLength(JSON.stringify(outcome));

/**
 * An outcome that one message can carry: the work is done, or has failed, all the same. A report that the broker
 * never takes would be sent again and again, and the work with it.
 */
export const fittingOutcome = (outcome: Outcome, maxMessageBytes: number): Outcome => {
  const sizeBytes = outcomeBytes(outcome);
  if (sizeBytes + ENTRY_BYTES <= maxMessageBytes) return outcome;
  switch (outcome.status) {
    case 'succeeded':
      return { status: 'succeeded', result: { omitted: 'result-too-long', sizeBytes } };
    case 'failed': {
      const { error } = outcome;
      const message = error.message.slice(0, SHORT_MESSAGE_CHARS);
      return { ...outcome, error: { ...error, message: message.replaceAll(/\p{Cs}/gu, '\ufffd') } };
    }
    case 'aborted':
      return outcome;
  }
};
