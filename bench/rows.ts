import { dueAtOnce } from './burst';
import { dueToStored } from './due-latency';
import { eventStore } from './eventstore';
import { projectorThroughput } from './projector-throughput';
import { recovery } from './recovery';
import type { Row } from './row';
import { scheduleInProcess, scheduleOverHttp } from './scheduling';
import { seal } from './seal';
import { appendToVisible } from './visibility';
import { waitingRows } from './waiting-rows';
import { wholeLife } from './whole-life';

export const rows: readonly Row[] = [
  dueToStored,
  wholeLife,
  dueAtOnce,
  scheduleInProcess,
  scheduleOverHttp,
  appendToVisible,
  waitingRows,
  recovery,
  projectorThroughput,
  eventStore,
  seal,
];
