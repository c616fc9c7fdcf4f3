const { mkdirSync, readdirSync, rmSync, statfsSync } = require('node:fs');
const { freemem } = require('node:os');
const { join } = require('node:path');

const memory = '/dev/shm';
const prefix = 'punctual-tests-';
/** What the servers of three suites beside each other write, and as much for their programs. */
const NEEDED_BYTES = 8 * 1024 ** 3;

const room = () => {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return Math.min(bavail * bsize, freemem());
  } catch {
    return 0;
  }
};

const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
};

const remove = (folder) => rmSync(folder, { recursive: true, force: true });

/** Nobody else would: what a run that was killed has left takes memory. */
const removeAbandoned = () => {
  for (const name of readdirSync(memory))
    if (name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length))))
      remove(join(memory, name));
};

/**
 * The files of all servers that tests start lie in memory, where there is room: a database of one's own takes 0.4 s
 * of a core on a disk, a tenth of it here, and nothing of it has to outlive the run. `TMPDIR` says otherwise.
 */
module.exports = () => {
  if (process.env.TMPDIR !== undefined || room() < NEEDED_BYTES) return;
  const folder = join(memory, `${prefix}${process.pid}`);
  removeAbandoned();
  mkdirSync(folder, { recursive: true });
  process.env.TMPDIR = folder;
  process.once('exit', () => {
    remove(folder);
  });
};
