import { systemClock } from '../../../infra/clock';
import { uuids } from '../../../infra/ids';
import { exclusively } from '../../../infra/postgres/advisory-lock';
import { processorIdle } from '../../../infra/processor';
import { openOperations } from '../../../projections/queries/operations/open';
import { operationSelection } from '../../../projections/queries/operations/selection';
import { liveActivity } from '../../../projections/queries/operating/live-activity';
import { bulkChanger, tellsOfOperations } from '../../bulk-changing/bulk-changer';
import { bulkChangerMetrics } from '../../bulk-changing/metrics';
import type { Process } from '../../runtime/process';
import type { Shared } from '../shared';
import { whileSameLog } from './while-same-log';

const draw = Math.random;

export const composeBulkChanger = (shared: Shared): Process => {
  const { config, logger, metrics, eventLog, database, onProjected } = shared;
  const told = bulkChangerMetrics(metrics);
  const make = (): Process =>
    bulkChanger({
      ...{ log: eventLog(), clock: systemClock, ids: uuids },
      open: openOperations(database()),
      selection: operationSelection(database()),
      room: { look: () => liveActivity(database()), idleShare: processorIdle() },
      exclusively: exclusively(
        { url: config.POSTGRES_URL, applicationName: 'punctual-bulk-changer' },
        'bulk-changer',
      ),
      onOperations: (onChange) => onProjected(onChange, tellsOfOperations),
      draw,
      logger,
      metrics: told,
      vitals: shared.vitals('bulk-changer'),
      settings: { mostPerSecond: config.OPERATION_RATE },
    });
  return whileSameLog(shared, 'bulk-changer', make);
};
