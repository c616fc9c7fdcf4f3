import { composeArchivist } from './compose/archivist';
import { composeBulkChanger } from './compose/bulk-changer';
import { composeDispatcher } from './compose/dispatcher';
import { composeExecutor } from './compose/executor';
import { composeGateway } from './compose/gateway';
import { composeNotifier } from './compose/notifier';
import { composePlanner } from './compose/planner';
import { composeProjector } from './compose/projector';
import { composeRescuer } from './compose/rescuer';
import { composeWeb } from './compose/web/web';
import type { Process } from '../runtime/process';
import type { ProcessName } from '../settings/process-names';
import type { Shared } from './shared';

/** How each process is made of what this program shares; the web one also tells where it listens. */
export const composers: Readonly<
  Record<
    ProcessName,
    (shared: Shared, onListening: (url: string) => void) => Process | Promise<Process>
  >
> = {
  projector: composeProjector,
  planner: composePlanner,
  notifier: composeNotifier,
  dispatcher: composeDispatcher,
  'executor-gateway': composeGateway,
  executor: composeExecutor,
  rescuer: composeRescuer,
  archivist: composeArchivist,
  'bulk-changer': composeBulkChanger,
  web: composeWeb,
};
