import type { ProcessName } from '../../settings/process-names';
import type { Process } from '../../runtime/process';
import { onSameLog } from '../../starting/same-log';
import type { Shared } from '../shared';

/** What acts on dispatches that the log does not have would do what nobody asked for. */
export const whileSameLog = (
  { otherEvents, vitals }: Shared,
  name: ProcessName,
  make: () => Process,
): Process => onSameLog({ name, make, look: otherEvents, vitals: vitals(name) });
