import { ErrorCode, NatsError } from 'nats';
import type { ServerCheck, Verdict } from '../server-check';
import { apiCodeOf, clientCodeOf } from './api-errors';
import { denialOf, grantFor, sentenceOf, type Denial } from './denials';
import { DueConsumerUnfit } from './due-consumer';
import { DueStreamUnfit } from './topology';

export const ok: Verdict = { outcome: 'ok' };

export const missing = (found: string, remedy: string): Verdict => ({
  outcome: 'missing',
  found,
  remedy,
});

export const reduced = (found: string, remedy: string): Verdict => ({
  outcome: 'reduced',
  found,
  remedy,
});

export const denied = (denial: Denial): Verdict => missing(sentenceOf(denial), grantFor(denial));

/** Refusals that a person has to see to, by JetStream's code. */
const remedies: Readonly<Record<number, string>> = {
  10_002: 'Give the account more storage.',
  10_023: 'Give the server more storage (max_file_store) or free some.',
  10_026: 'Raise max_consumers of the account or of the stream.',
  10_027: 'Raise max_streams of the account.',
  10_028: 'Give the account more storage.',
  10_039: 'Enable JetStream for the account (accounts { NAME { jetstream: enabled } }).',
  10_047: 'Give the server or the account more storage (max_file_store, max_file).',
  10_076: 'Enable JetStream on the server (jetstream { … }, or -js).',
  10_099: 'Remove the consumer that takes all subjects of the stream.',
  10_100: 'Remove the other consumer whose filter takes in the subjects of this queue.',
  10_122: 'Raise max_stream_bytes of the account, or lower JOBS_DUE_MAX_BYTES.',
};

const verdictOf = (error: unknown): Verdict | undefined => {
  const denial = denialOf(error);
  if (denial) return denied(denial);
  if (error instanceof DueStreamUnfit)
    return missing(
      error.flaw,
      'Remove the stream, so that it is made as it should be, or make it as docs/operations.md says.',
    );
  if (error instanceof DueConsumerUnfit)
    return missing(error.flaw, 'Remove the consumer, so that it is made as it should be.');
  const code = apiCodeOf(error);
  const remedy = code === undefined ? undefined : remedies[code];
  return remedy === undefined || !(error instanceof NatsError)
    ? undefined
    : missing(`${error.api_error?.description ?? error.message} (${String(code)})`, remedy);
};

/** JetStream's part of the broker answers nobody: it is not there, or not there yet. */
class JetStreamAway extends Error {
  override readonly name = 'JetStreamAway';

  constructor(options: ErrorOptions) {
    super(
      'nobody answers (503): JetStream is not enabled (jetstream { … } in its configuration, or -js), or its cluster or its stream has no leader yet',
      options,
    );
  }
}

export const check = (name: string, look: () => Promise<Verdict>): ServerCheck => ({
  setting: 'NATS_URL',
  name,
  look: async () => {
    try {
      return await look();
    } catch (error) {
      const verdict = verdictOf(error);
      if (verdict) return verdict;
      if (clientCodeOf(error) === String(ErrorCode.NoResponders))
        throw new JetStreamAway({ cause: error });
      throw error;
    }
  },
});
