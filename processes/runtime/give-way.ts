import { readFileSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * A tenth of what any other program gets when all want to run. Not the lowest: who holds a lock for a moment
 * must come to its end.
 */
const niceness = constants.priority.PRIORITY_BELOW_NORMAL;

const autogroupOf = (pid: number | 'self'): string => `/proc/${pid}/autogroup`;

/**
 * Lets a program run when others leave time. Not every system allows it: then it runs as it is.
 *
 * Linux shares the processor among sessions before it looks at a program's own niceness (sched(7), autogroup), so
 * a program should lead a session of its own (`detached`), which is then made as nice as it is.
 */
export const giveWay = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    setPriority(pid, niceness);
    const ours = readFileSync(autogroupOf('self'), 'utf8');
    if (readFileSync(autogroupOf(pid), 'utf8') !== ours)
      writeFileSync(autogroupOf(pid), String(niceness));
  } catch {
    return;
  }
};
