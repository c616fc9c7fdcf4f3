import { withDefaults } from '../../../../infra/eventstore/client';

const parametersOf = (url: string) =>
  Object.fromEntries(new URLSearchParams(withDefaults(url).split('?')[1]));

test('a connection that died silently is found within 15 s', () => {
  const { keepAliveInterval, keepAliveTimeout } = parametersOf('esdb://127.0.0.1:2113?tls=false');
  expect(Number(keepAliveInterval) + Number(keepAliveTimeout)).toBeLessThanOrEqual(15_000);
});

test.each`
  url                                                  | parameters
  ${'esdb://127.0.0.1:2113'}                           | ${{ keepAliveInterval: '10000', keepAliveTimeout: '4000', throwOnAppendFailure: 'true' }}
  ${'esdb://a:1,b:2/?tls=false&keepaliveinterval=500'} | ${{ tls: 'false', keepaliveinterval: '500', keepAliveTimeout: '4000', throwOnAppendFailure: 'true' }}
  ${'esdb+discover://a?keep-alive-timeout=-1'}         | ${{ 'keep-alive-timeout': '-1', keepAliveInterval: '10000', throwOnAppendFailure: 'true' }}
`(
  'what $url says itself stays, however it is spelled',
  ({ url, parameters }: { url: string; parameters: object }) => {
    expect(parametersOf(url)).toEqual(parameters);
  },
);

test("throwOnAppendFailure is not the user's to set: without it the client makes up revisions", () => {
  const url = withDefaults('esdb://a?throwOnAppendFailure=false');
  expect(url.endsWith('&throwOnAppendFailure=true')).toBe(true); // the last one counts
});
