import { randomUUID } from 'node:crypto';
import type { NewEvent } from '../../domain/event-log';

/** An event that is new and whole, for tests of what carries events. */
export const newEvent = (data: object = {}, type = 'JobScheduled'): NewEvent => ({
  id: randomUUID(),
  type,
  data,
  metadata: {
    $correlationId: randomUUID(),
    $causationId: randomUUID(),
    commandId: randomUUID(),
    actor: { kind: 'user', id: 'Zoë' },
    at: '2026-11-23T10:00:00.000Z',
    schemaVersion: 1,
  },
});
