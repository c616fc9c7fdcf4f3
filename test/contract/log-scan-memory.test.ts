import { memoryEventLog } from '../../infra/memory/event-log';
import { logScanContract } from './log-scan.contract';

logScanContract('memory', () =>
  Promise.resolve({ ...memoryEventLog(), close: () => Promise.resolve() }),
);
