/**
 * Loaded by `--require` into each of the product's programs when the bench is told `--profile=DIR`: writes
 * a CPU profile of its whole life to that folder, which stands in NODE_OPTIONS.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { basename, join } from 'node:path';

const folder = /--diagnostic-dir=(\S+)/.exec(process.env['NODE_OPTIONS'] ?? '')?.[1];

if (folder !== undefined) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.start');
  const name = process.env['PUNCTUAL_PROCESSES'] ?? basename(process.argv[1] ?? '');
  process.on('exit', () => {
    // answered before the call returns, as it must be in this event
    session.post('Profiler.stop', (error, { profile }) => {
      if (!error)
        writeFileSync(join(folder, `${name}-${process.pid}.cpuprofile`), JSON.stringify(profile));
    });
  });
}
