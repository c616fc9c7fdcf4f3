import { StreamContended, type EventLog, type NewestEvents } from '../domain/event-log';
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
  readonly log: Pick<EventLog, 'append'> & NewestEvents;
  readonly clock: Clock;
  readonly ids: Ids;
};

/** Keeps what a verification found, and who asked for it. @throws as `EventLog` does */
export type RecordVerification = (verification: Verification, actor: Actor) => Promise<void>;

/** A verification takes seconds at least: more lost races in a row are a fault. */
const MAX_ROUNDS = 5;

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
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const expected = (await log.newest(VERIFICATION_STREAM))?.revision ?? 'no-stream';
      const events = newEvents(ids, decided, `${commandId}/${expected}`, metadata);
      const { outcome } = await log.append(VERIFICATION_STREAM, events, expected);
      if (outcome === 'appended') return;
    }
    throw new StreamContended(`${VERIFICATION_STREAM} has too many writers`);
  };
