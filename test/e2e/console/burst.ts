import { statusBurst } from '../../../bench/status-burst';
import { untilTrue, watchedOf, watchPage } from '../../../bench/watched-list';
import { closeEventStore, openEventStore } from '../../../infra/eventstore/client';
import { eventStoreLog } from '../../../infra/eventstore/event-log';
import { systemNames } from '../../../infra/system-names';
import { systemPrefixOn } from '../../support/given-event-store';
import { openLive } from '../../support/live-stream';
import { until } from '../../support/until';
import { pageOf, stack, userOf } from './stack';

// thousands of status changes a second before the eyes of one who looks at the list

const OWNER = 'who-bursts';
/** More than a page of the list is moved. */
const SIZE = { perSecond: 2_000, seconds: 3, moved: 60 };
/** The page looks again at what the server counts after so long at the soonest. */
const LOOK_MS = 400;
/** The promise is 200 and 1,000 ms, which the bench holds it against; this is for a machine of a fifth of the pace. */
const LONGEST_TASK_MS = 1_000;
const TRUE_AFTER_MS = 5_000;

test('while thousands of changes a second come in, the list answers keys, asks seldom, and then shows the final truth', async () => {
  const { eventstoreUrl } = await stack().endpoints();
  const client = openEventStore(eventstoreUrl);
  const { streams } = systemNames(systemPrefixOn(eventstoreUrl));
  const burst = statusBurst(eventStoreLog(client, streams), OWNER, SIZE);
  const operator = userOf('operator');
  await operator.get(`/v1/jobs?limit=1&after=${await burst.begin()}`);
  const page = await pageOf('operator', `/jobs?q=${encodeURIComponent('in the burst')}`);
  await page.locator('.rows-body .status').first().waitFor();
  await watchPage(page);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const follower = await openLive(stack().httpUrl, stack().keyOf('operator'));
  await until(() => follower.lastEventId() !== '');

  const truth = untilTrue(page, burst.after);
  const startMs = performance.now();
  const running = burst.run();
  await page.keyboard.press('j');
  await page.locator('.rows-body a:focus').waitFor();
  const { changes, position } = await running;
  await operator.get(`/v1/jobs?limit=1&after=${position}`);
  const projectedAt = Date.now();
  const trueAt = await truth;
  const spanMs = performance.now() - startMs;

  expect(trueAt - projectedAt).toBeLessThan(TRUE_AFTER_MS);
  const { longTasks } = await watchedOf(page);
  expect(longTasks.filter((durationMs) => durationMs > LONGEST_TASK_MS)).toEqual([]);
  expect(asked.filter((path) => path === '/v1/jobs')).toEqual([]);
  expect(asked.filter((path) => path === '/v1/jobs/counts').length).toBeLessThanOrEqual(
    spanMs / LOOK_MS + 3,
  );
  // who wants every change has had every one of them
  const told = () => follower.events().filter(({ data }) => data.ownerId === OWNER);
  await until(() => BigInt(follower.lastEventId()) >= position);
  expect(told().length).toBe(changes);

  await page.getByRole('button', { name: /new$/ }).click();
  await page.getByRole('row').filter({ hasText: 'newcomer' }).first().waitFor();
  await follower.close();
  await closeEventStore(client);
  await page.context().close();
});
