/** The processes by name; `PROCESSES` lists those that one program runs. */
export const processNames = [
  'projector',
  'planner',
  'dispatcher',
  'rescuer',
  'archivist',
  'bulk-changer',
  'notifier',
  'executor-gateway',
  'executor',
  'web',
] as const;

export type ProcessName = (typeof processNames)[number];
