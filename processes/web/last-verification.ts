import { decodeEvent } from '../../domain/events/catalog';
import type { NewestEvents } from '../../domain/event-log';
import {
  readVerification,
  VERIFICATION_STREAM,
  type Verification,
} from '../../domain/system/verification';
import type { Timestamp } from '../../domain/time';

/** What was found, when, and who asked for it. */
export type LastVerification = Verification & {
  readonly verifiedAt: Timestamp;
  readonly verifiedBy: string;
};

/** @returns undefined when none was recorded, or the last one cannot be read */
export const lastVerification = async (
  log: NewestEvents,
): Promise<LastVerification | undefined> => {
  const event = await log.newest(VERIFICATION_STREAM);
  const found = event && readVerification(event);
  if (!found) return undefined;
  const { at, actor } = decodeEvent(event).metadata;
  return { ...found, verifiedAt: at, verifiedBy: actor.id };
};
