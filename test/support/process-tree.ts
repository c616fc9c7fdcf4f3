import { execFileSync } from 'node:child_process';
import { isAlive } from '../../embedded/child';

export type ProcessTree = {
  /** A process and everything below it, while they last. */
  readonly pids: readonly number[];
  /** Those that are still there; a zombie is not. */
  readonly alive: () => readonly number[];
};

const table = (): readonly (readonly [pid: number, parent: number, state: string])[] =>
  execFileSync('ps', ['-eo', 'pid=,ppid=,stat='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = '', parent = '', state = ''] = line.trim().split(/\s+/);
      return [Number(pid), Number(parent), state] as const;
    });

/** What runs below a process right now; it is remembered when the process is gone. */
export const processTree = (root: number): ProcessTree => {
  const all = table();
  const below = (parent: number): readonly number[] =>
    all.flatMap(([pid, of]) => (of === parent ? [pid, ...below(pid)] : []));
  const pids = [root, ...below(root)];
  return {
    pids,
    alive: () => {
      const zombies = new Set(
        table().flatMap(([pid, , state]) => (state.startsWith('Z') ? [pid] : [])),
      );
      return pids.filter((pid) => isAlive(pid) && !zombies.has(pid));
    },
  };
};
