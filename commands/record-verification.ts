import type { EventLog } from '../domain/event-log';
import type { Actor } from '../domain/events/metadata';
import type { Ids } from '../domain/ids';
import {
  LOG_VERIFIED,
  VERIFICATION_STREAM,
  type Verification,
} from '../domain/system/verification';
import { toTimestamp, type Clock } from '../domain/time';
import { newEvents } from './new-events';

type RecordDeps = {
  readonly log: Pick<EventLog, 'append'>;
  readonly clock: Clock;
  readonly ids: Ids;
};

/** Keeps what a verification found, and who asked for it. @throws as `EventLog` does */
export type RecordVerification = (verification: Verification, actor: Actor) => Promise<void>;

export const recordVerification =
  ({ log, clock, ids }: RecordDeps): RecordVerification =>
  async (verification, actor) => {
    const commandId = ids.next();
    const metadata = {
      $correlationId: VERIFICATION_STREAM,
      $causationId: commandId,
      commandId,
      actor,
      at: toTimestamp(clock.now()),
    };
    const decided = [{ type: LOG_VERIFIED, data: verification }];
    await log.append(VERIFICATION_STREAM, newEvents(ids, decided, commandId, metadata), 'any');
  };
