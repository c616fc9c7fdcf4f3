import { constants, setPriority } from 'node:os';

/** Lets a program run only when nobody else wants to. Not every system allows it: then it runs as it is. */
export const giveWay = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    return;
  }
};
