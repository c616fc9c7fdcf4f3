import type { ClaimFacts } from '../domain/job/decide-attempt';
import type { DueJob } from '../domain/job/due-job';
import type { Signer } from '../domain/signer';

/**
 * Proofs that travel through executors. A claim names a revision and a report names a token; appending
 * blindly at a number that came from outside could start a cancelled job. A signed number is known to
 * be ours, so the hot path may append at it without reading the stream. An unsigned one is read and decided.
 * @see docs/adr/0003-sealed-tickets-and-tokens.md
 */
export type Proofs = {
  readonly ticket: (dispatched: DueJob) => string;
  /** What the ticket proves; undefined when it is not ours or not for this message. */
  readonly readTicket: (
    ticket: string,
    message: { readonly jobId: string; readonly attempt: number; readonly revision: bigint },
  ) => (ClaimFacts & { readonly timeoutMs: number }) | undefined;
  readonly token: (started: Started) => string;
  /** What a token says: who started at which revision. Undefined for what is no token at all. */
  readonly readToken: (token: string, jobId: string, attempt: number) => Token | undefined;
};

export type Started = {
  readonly jobId: string;
  readonly attempt: number;
  readonly revision: bigint;
  readonly executorId: string;
};

/** A bare revision is a token too, but proves nothing: `executorId` is there only when the signature holds. */
export type Token = { readonly revision: bigint; readonly executorId?: string };

const TICKET = /^(\d{1,16})\.(\d{1,16})\.(\d{0,16})\.([\w-]+)$/;
const TOKEN = /^(\d{1,19})(?:\.(.{1,200})\.([\w-]+))?$/;

export const proofs = ({ sign, isSignature }: Signer): Proofs => {
  const ticketText = (jobId: string, attempt: number, revision: bigint, body: string): string =>
    `ticket/${jobId}/${attempt}/${revision}/${body}`;
  const tokenText = ({ jobId, attempt, revision, executorId }: Started): string =>
    `token/${jobId}/${attempt}/${revision}/${executorId}`;
  return {
    ticket: ({ jobId, attempt, revision, dueAt, timeoutMs, maxLatenessMs }) => {
      const body = `${dueAt}.${timeoutMs}.${maxLatenessMs ?? ''}`;
      return `${body}.${sign(ticketText(jobId, attempt, revision, body))}`;
    },
    readTicket: (ticket, { jobId, attempt, revision }) => {
      const parts = TICKET.exec(ticket);
      if (!parts) return undefined;
      const [, dueAt, timeoutMs, maxLatenessMs, signature = ''] = parts;
      const body = `${dueAt}.${timeoutMs}.${maxLatenessMs}`;
      if (!isSignature(ticketText(jobId, attempt, revision, body), signature)) return undefined;
      return {
        attempt,
        dispatchedAtRevision: revision,
        dueAt: Number(dueAt),
        timeoutMs: Number(timeoutMs),
        definition: maxLatenessMs ? { maxLatenessMs: Number(maxLatenessMs) } : {},
      };
    },
    token: (started) => `${started.revision}.${started.executorId}.${sign(tokenText(started))}`,
    readToken: (token, jobId, attempt) => {
      const parts = TOKEN.exec(token);
      if (!parts) return undefined;
      const [, digits = '', executorId, signature = ''] = parts;
      const revision = BigInt(digits);
      const isSigned =
        executorId !== undefined &&
        isSignature(tokenText({ jobId, attempt, revision, executorId }), signature);
      return isSigned ? { revision, executorId } : { revision };
    },
  };
};
