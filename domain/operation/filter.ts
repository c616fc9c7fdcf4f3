import type { Instant } from '../time';
import type { TextReader } from '../job/read-filter';
import { isOperationStatus, type OperationStatus } from './state';

export type OperationFilter = {
  /** Absent: everybody's, for operators. */
  readonly ownerId?: string;
  readonly status?: readonly OperationStatus[];
};

/** A place in a list: the last operation that was seen. */
export type OperationKey = { readonly startedAt: Instant; readonly operationId: string };

/** One or more, parted by commas. */
export const readOperationStatuses: TextReader<readonly OperationStatus[]> = (text) => {
  const asked = text.split(',');
  return asked.every(isOperationStatus)
    ? { value: [...new Set(asked)].sort() }
    : { problem: 'bad-parameter' };
};
