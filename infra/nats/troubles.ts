import { ErrorCode, Events, type Status } from 'nats';
import { withoutSecrets } from '../server-check';
import { denialIn, grantFor, sentenceOf } from './denials';

export type TroubleOptions = {
  readonly url: string;
  /** Told when the connection is lost, and each time the broker denies what is needed. */
  readonly onTrouble?: (error: Error) => void;
  /** Told when the connection is back, or nothing was denied any more for a while. */
  readonly onCalm?: () => void;
  /** How long nothing must have been denied; by default 10 s. */
  readonly calmAfterMs?: number;
};

/** What is denied is tried again within seconds: silence for as long as this means that it is not any more. */
const CALM_AFTER_MS = 10_000;

const refusals: readonly string[] = [
  ErrorCode.AuthorizationViolation,
  ErrorCode.AuthenticationExpired,
  ErrorCode.AccountExpired,
];

/** Makes of the client's signs what a person can use. */
export const troubles = ({
  url,
  onTrouble,
  onCalm,
  calmAfterMs = CALM_AFTER_MS,
}: TroubleOptions): ((status: Status) => void) => {
  const server = withoutSecrets(url);
  let isAway = false;
  let calming: NodeJS.Timeout | undefined;
  const tell = (sentence: string): void => {
    onTrouble?.(new Error(sentence));
  };
  return (status) => {
    const denial = denialIn(status);
    if (denial) {
      tell(`NATS_URL (${server}): ${sentenceOf(denial)}. ${grantFor(denial)}`);
      clearTimeout(calming);
      calming = setTimeout(() => {
        if (!isAway) onCalm?.();
      }, calmAfterMs);
      calming.unref();
      return;
    }
    if (status.type === Events.Disconnect) {
      isAway = true;
      tell(`NATS_URL (${server}): the connection is lost`);
    }
    const refusal = refusals.find((code) => String(code) === status.data);
    if (status.type === Events.Error && refusal !== undefined)
      tell(`NATS_URL (${server}): the broker refuses us: ${refusal}`);
    if (status.type === Events.Reconnect) {
      isAway = false;
      clearTimeout(calming);
      onCalm?.();
    }
  };
};
