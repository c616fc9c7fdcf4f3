import { asOf } from './as-of';
import { auditVerify } from './audit-verify';
import { besideTools } from './beside-tools';
import { dueAtOnce } from './burst';
import { catchUp } from './catch-up';
import { deadLetterCauses } from './dead-letters';
import { dueBacklog } from './due-backlog';
import { dueToSent } from './due-latency';
import { eventStore } from './eventstore';
import { firstLoad } from './first-load';
import { lists } from './lists';
import { live } from './live';
import { logScan } from './log-scan';
import { operations } from './operations';
import { projectorThroughput } from './projector-throughput';
import { rebuild } from './rebuild';
import { recovery } from './recovery';
import type { Row } from './row';
import { schedulesMidnight } from './schedules-midnight';
import { schedulesNext } from './schedules-next';
import { scheduleInProcess, scheduleOverHttp } from './scheduling';
import { seal } from './seal';
import { strangers } from './strangers';
import { appendToVisible } from './visibility';
import { waitingRows } from './waiting-rows';
import { wholeLife } from './whole-life';

export const rows: readonly Row[] = [
  dueToSent,
  wholeLife,
  dueAtOnce,
  scheduleInProcess,
  scheduleOverHttp,
  appendToVisible,
  waitingRows,
  dueBacklog,
  lists,
  live,
  firstLoad,
  deadLetterCauses,
  catchUp,
  recovery,
  projectorThroughput,
  rebuild,
  eventStore,
  auditVerify,
  besideTools,
  strangers,
  logScan,
  asOf,
  seal,
  schedulesNext,
  schedulesMidnight,
  operations,
];
