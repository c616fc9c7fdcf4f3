/** All that others may import of this package; `main.ts` beside it is the program for a child process. */
export { exportLog } from './log-file/export-log';
export { importOf, type ImportCounts } from './log-file/import-log';
export { BadLineError, positionFrom, type LogPosition } from './log-file/line';
export { ConflictError } from './log-file/placing';
export { runEventStoreProgram } from './program';
export { isRealVersion, realVersions, type RealVersion } from './real-version';
export {
  startEventStoreServer,
  type EventStoreServer,
  type EventStoreServerOptions,
} from './server';
