import { memoryEventLog } from '../../infra/memory/event-log';
import { eventLogContract } from './event-log.contract';
import { SEARCH_WINDOW } from './opened-event-log';

eventLogContract('memory', () =>
  Promise.resolve({
    ...memoryEventLog({ maxSearchWindow: SEARCH_WINDOW }),
    close: () => Promise.resolve(),
  }),
);
