import { execFileSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { processTree } from '../../support/process-tree';
import { stack } from './stack';

test('the embedded event store gets the address of its Postgres in its environment, which others cannot read', async () => {
  const pids = processTree(stack().parentPid).pids.join(',');
  const lines = execFileSync('ps', ['-ww', '-o', 'args=', '-p', pids], { encoding: 'utf8' });
  expect(lines).toContain('eventstore/main.js');
  expect(lines).not.toContain('postgres://');
  for (const name of ['endpoints.json', 'keys.json', 'log-seal-key.pem']) {
    const { mode } = await stat(join(stack().dataDir, name));
    expect([name, mode & 0o777]).toEqual([name, 0o600]);
  }
});
