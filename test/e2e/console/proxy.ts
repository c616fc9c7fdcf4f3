import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../support/free-port';
import { startNginx, type Nginx } from '../../support/nginx';
import { startProgramBeside, type ReadyProgram } from '../../support/program';
import { look } from './rows';
import { newPage, signInCodeAt, stack, tall, userOf } from './stack';

// behind nginx, set up as docs/console.md says, below a path

let nginx: Nginx | undefined;
let web: ReadyProgram | undefined;
let publicUrl = '';

const locationOf = (upstream: string): string => {
  const page = readFileSync(join(__dirname, '../../../docs/console.md'), 'utf8');
  const location = /```nginx\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  return location.replace('http://127.0.0.1:8080/', `${upstream}/`);
};

beforeAll(async () => {
  const port = await freePort();
  publicUrl = `http://127.0.0.1:${port}/punctual/`;
  web = await startProgramBeside(stack(), {
    PROCESSES: 'web',
    PUBLIC_URL: publicUrl,
    API_KEYS: `${stack().keyOf('me')}:me:user`,
  });
  nginx = await startNginx(port, locationOf(web.httpUrl));
});

afterAll(async () => {
  await nginx?.stop();
  await web?.stop();
});

test('the console lives below a path, with its files, its live feed and its links', async () => {
  const code = await signInCodeAt(publicUrl.slice(0, -1), 'me');
  const page = await newPage(tall);
  await page.goto(`${publicUrl}jobs#sign-in=${code}`);
  await page.getByText('Live', { exact: true }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/punctual/jobs');
  const jobId = await userOf('me').schedule(Date.now(), { name: 'Through nginx' });
  await look(page, 'Through nginx');
  await page.getByRole('link', { name: 'Through nginx' }).click();
  await page.locator('.head .status-succeeded').waitFor();
  expect(new URL(page.url()).pathname).toBe(`/punctual/jobs/${jobId}`);
  await page.reload();
  await page.getByRole('heading', { name: 'Through nginx' }).waitFor();
  await page.context().close();
});
