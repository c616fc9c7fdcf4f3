import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// docs/console.md shows what one gets, and the pictures are those that it shows

const root = join(__dirname, '..', '..', '..');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

const PICTURES: Readonly<Record<string, string>> = {
  '/': 'jobs',
  '/jobs': 'jobs',
  '/jobs/new': 'new-job',
  '/jobs/:jobId': 'job',
  '/schedules': 'schedules',
  '/schedules/new': 'new-schedule',
  '/schedules/:scheduleId': 'schedule',
  '/schedules/:scheduleId/change': 'change-schedule',
  '/load': 'load',
  '/webhooks': 'webhooks',
  '/webhooks/new': 'new-webhook',
  '/webhooks/:webhookId': 'webhook',
  '/dead-letters': 'dead-letters',
  '/operations': 'operations',
  '/operations/:operationId': 'operation',
  '/system': 'system',
  '/audit': 'audit',
};

const shown = [...textOf('docs/console.md').matchAll(/\]\(console\/([\w-]+\.png)\)/g)].map(
  ([, name = '']) => name,
);

test('every place of the console is shown in a picture, so that nobody has to start it to know what it has', () => {
  const places = [...textOf('console/places.tsx').matchAll(/<Route path="(\/[^"]*)"/g)];
  expect(Object.keys(PICTURES).toSorted()).toEqual(
    [...new Set(places.map(([, path = '']) => path))].toSorted(),
  );
  const withoutPicture = [...Object.values(PICTURES), 'sign-in'].filter(
    (name) => !shown.includes(`${name}-light.png`) && !shown.includes(`${name}-dark.png`),
  );
  expect(withoutPicture).toEqual([]);
});

test('every picture that is shown is there, and none lies there that nobody is shown', () => {
  expect(readdirSync(join(root, 'docs/console')).toSorted()).toEqual(shown.toSorted());
});
