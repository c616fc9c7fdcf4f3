import { ErrorCode } from 'nats';
import { clientCodeOf } from './api-errors';

/** nats-server 2.9 neither answers nor logs once a write has failed, and then ends on SIGKILL only. */
export const JETSTREAM_SILENT =
  'the JetStream of the broker does not answer; where its disk is full, make room and start the broker again (SIGKILL ends it)';

/** No answer, or nobody there who could give one. */
const silences: ReadonlySet<unknown> = new Set([ErrorCode.Timeout, ErrorCode.NoResponders]);

/** Whether nobody has answered a request. */
export const isSilence = (error: unknown): boolean => silences.has(clientCodeOf(error));
