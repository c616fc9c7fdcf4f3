import type { Page } from 'playwright-core';
import { signToken, startIssuer, tokenClaims, tokenSettings } from '../../support/jwks';
import { startProgramBeside } from '../../support/program';
import { newPage, stack, userOf } from './stack';

// who comes in, and how

const linkOf = (): string => {
  const [, link = ''] = /sign in +(\S+)/.exec(stack().output()) ?? [];
  return link;
};

const signedIn = async (page: Page): Promise<void> => {
  await page.getByRole('navigation', { name: 'Places' }).waitFor();
};

test('the link that the start prints signs in once, and leaves no trace of its code in the address', async () => {
  const page = await newPage();
  await page.goto(linkOf());
  await signedIn(page);
  expect(page.url()).not.toContain('sign-in');
  await page.reload();
  await signedIn(page);
  await page.context().close();

  const thief = await newPage();
  await thief.goto(linkOf());
  await thief.getByText('This link was used before').waitFor();
  await thief.context().close();
});

test('a key is traded for a session: what the browser keeps is not the key', async () => {
  const page = await newPage();
  await page.goto(`${stack().httpUrl}/jobs?status=failed`);
  await page.getByLabel('API key or JWT').first().fill('no-such-key-at-all');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('No such key is known here.').waitFor();

  const key = stack().keyOf('me');
  await page.getByLabel('API key or JWT').first().fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await signedIn(page);
  expect(new URL(page.url()).search).toBe('?status=failed');
  const kept = await page.evaluate(
    'JSON.stringify(sessionStorage) + JSON.stringify(localStorage) + document.cookie',
  );
  expect(kept).toContain('ps_');
  expect(kept).not.toContain(key);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('API key or JWT').first().waitFor();
  await page.context().close();
});

test('a token of an identity provider signs in as well, and shows the jobs of its subject alone', async () => {
  const issuer = await startIssuer();
  const web = await startProgramBeside(stack(), { PROCESSES: 'web', ...tokenSettings(issuer) });
  try {
    const foreign = await userOf('me').schedule(Date.now() + 3_600_000, { name: 'Not for Heidi' });
    const page = await newPage();
    await page.goto(`${web.httpUrl}/jobs`);
    const token = await signToken(issuer, tokenClaims({ sub: 'heidi' }));
    await page.getByLabel('API key or JWT').first().fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await signedIn(page);
    await page.getByText('No job yet').waitFor();
    await page.goto(`${web.httpUrl}/jobs/${foreign}`);
    await page.getByText('There is no such job').waitFor();
    await page.context().close();
  } finally {
    await web.stop();
    await issuer.close();
  }
});
