import { PublishRefused } from './publisher';

/** Why the broker did not take a message: `full` for now, `hopeless` whenever it is tried. */
export type Refusal =
  | { readonly kind: 'full' }
  | { readonly kind: 'hopeless'; readonly code: string; readonly message: string };

/** Undefined for an error of a publish that tells nothing of the message. */
export const refusalOf = (error: unknown): Refusal | undefined => {
  if (error instanceof RangeError)
    return { kind: 'hopeless', code: 'message-undeliverable', message: error.message };
  if (!(error instanceof PublishRefused)) return undefined;
  if (error.reason === 'full') return { kind: 'full' };
  if (error.reason !== 'too-large') return undefined;
  const sizes =
    error.sizes &&
    `: it has ${error.sizes.messageBytes} bytes, and max_payload is ${error.sizes.maxBytes}`;
  return {
    kind: 'hopeless',
    code: 'message-too-large',
    message: `the message of the job is larger than the broker takes${sizes ?? ''}`,
  };
};
