import type { ScheduleTrace } from '../schedule/event-kinds/kind';
import { scheduleEventTypes } from '../schedule/events';
import type { TraceLayout } from './trace-table';

const statuses: readonly ScheduleTrace['status'][] = [
  ...(['none', 'active', 'paused', 'completed', 'stopped', 'deleted'] as const),
];
const statusCodes = new Map(statuses.map((status, code) => [status, code]));

/** Code 0 is no event, or one that could not be read. */
const lastTypes: readonly string[] = ['', ...scheduleEventTypes];
const typeCodes = new Map(lastTypes.map((type, code) => [type, code]));

const HEADLESS = 0x100;
const UNCERTAIN = 0x200;
const HOLE = 0x400;
const OVERLAP = 0x800;

const empty = (): ScheduleTrace => ({
  revision: -1,
  position: -1,
  lastType: '',
  isHeadless: false,
  status: 'none',
  decidedUntil: Number.NaN,
  cameUntil: Number.NaN,
  offsetMs: 0,
  createdAt: Number.NaN,
  ruleSince: Number.NaN,
  mayOverlap: true,
  definition: Number.NaN,
  rule: -1,
  tzdata: -1,
  isUncertain: false,
  hasHole: false,
  planned: 0,
  plannedDigest: 0,
});

// Fields are written out, as those of jobs are.

const loadFloats = (floats: Float64Array, at: number, schedule: ScheduleTrace): void => {
  const of = (n: number): number => floats[at + n] ?? Number.NaN;
  schedule.revision = of(0);
  schedule.position = of(1);
  schedule.decidedUntil = of(2);
  schedule.offsetMs = of(3);
  schedule.createdAt = of(4);
  schedule.ruleSince = of(5);
  schedule.definition = of(6);
  schedule.planned = of(7);
  schedule.plannedDigest = of(8);
  schedule.cameUntil = of(9);
};

const saveFloats = (floats: Float64Array, at: number, schedule: Readonly<ScheduleTrace>): void => {
  floats[at] = schedule.revision;
  floats[at + 1] = schedule.position;
  floats[at + 2] = schedule.decidedUntil;
  floats[at + 3] = schedule.offsetMs;
  floats[at + 4] = schedule.createdAt;
  floats[at + 5] = schedule.ruleSince;
  floats[at + 6] = schedule.definition;
  floats[at + 7] = schedule.planned;
  floats[at + 8] = schedule.plannedDigest;
  floats[at + 9] = schedule.cameUntil;
};

const loadCounts = (counts: Int32Array, at: number, schedule: ScheduleTrace): void => {
  const of = (n: number): number => counts[at + n] ?? 0;
  const bits = of(0);
  schedule.status = statuses[bits & 0xff] ?? 'none';
  schedule.isHeadless = (bits & HEADLESS) !== 0;
  schedule.isUncertain = (bits & UNCERTAIN) !== 0;
  schedule.hasHole = (bits & HOLE) !== 0;
  schedule.mayOverlap = (bits & OVERLAP) !== 0;
  schedule.lastType = lastTypes[of(1)] ?? '';
  schedule.rule = of(2) - 1;
  schedule.tzdata = of(3) - 1;
};

const saveCounts = (counts: Int32Array, at: number, schedule: Readonly<ScheduleTrace>): void => {
  counts[at] =
    (statusCodes.get(schedule.status) ?? 0) |
    (schedule.isHeadless ? HEADLESS : 0) |
    (schedule.isUncertain ? UNCERTAIN : 0) |
    (schedule.hasHole ? HOLE : 0) |
    (schedule.mayOverlap ? OVERLAP : 0);
  counts[at + 1] = typeCodes.get(schedule.lastType) ?? 0;
  counts[at + 2] = schedule.rule + 1;
  counts[at + 3] = schedule.tzdata + 1;
};

export const scheduleLayout: TraceLayout<ScheduleTrace> = {
  empty,
  floats: 10,
  counts: 4,
  loadFloats,
  loadCounts,
  saveFloats,
  saveCounts,
};
