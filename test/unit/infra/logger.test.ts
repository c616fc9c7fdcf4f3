import { createLogger } from '../../../infra/logger';

const linesOf = (
  write: (logger: ReturnType<typeof createLogger>) => void,
  level = 'info' as const,
) => {
  const lines: string[] = [];
  write(createLogger({ level, name: 'test' }, { write: (line) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
};

test('a line is JSON with level, name and time, so that any collector can read it', () => {
  const [line] = linesOf((logger) => {
    logger.info({ jobId: 'j1' }, 'scheduled');
  });
  expect(line).toMatchObject({ level: 'info', name: 'test', jobId: 'j1', msg: 'scheduled' });
  expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test('secrets are not written at any depth that we log, for logs travel further than keys may', () => {
  const secret = 'hunter2-hunter2';
  const lines = linesOf((logger) => {
    logger.warn({ authorization: secret }, 'flat');
    logger.warn({ req: { headers: { authorization: secret, cookie: secret } } }, 'a request');
    logger.warn({ config: { apiKey: secret, db: { password: secret } } }, 'settings');
    logger.warn({ claim: { token: secret } }, 'a claim');
  });
  expect(lines).toHaveLength(4);
  expect(JSON.stringify(lines)).not.toContain(secret);
});

test('an error keeps its cause and stack, so that the log alone tells what went wrong', () => {
  const [line] = linesOf((logger) => {
    logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed');
  });
  expect(JSON.stringify(line?.['err'])).toMatch(/outer.*inner/);
});

test('what is below the level is not written', () => {
  expect(
    linesOf((logger) => {
      logger.debug({}, 'chatter');
    }),
  ).toEqual([]);
});
