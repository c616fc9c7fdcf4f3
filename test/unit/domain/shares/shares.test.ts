import { accept } from '../../../../domain/decider';
import { sharesDecider } from '../../../../domain/shares/decide';
import { readSharesEvent } from '../../../../domain/shares/events';
import { noShares, type Shares } from '../../../../domain/shares/shares';

const mail: Shares = {
  queues: { mail: { maxRunning: 5, ratePerSecond: 2 }, constructor: { maxRunning: 1 } },
  owners: { ada: { weight: 3 } },
};

const { decide, evolve, initial } = sharesDecider;

const after = (shares: Shares) => evolve(initial, { type: 'SharesSet', data: { shares } });

const set = (shares: Shares) => ({ type: 'SetShares', shares }) as const;

test('a document that says something new is recorded whole, so that its last event says all', () => {
  expect(decide(set(mail), after(noShares))).toEqual(
    accept({ type: 'SharesSet', data: { shares: mail } }),
  );
});

test.each`
  shares                                                                                                                       | why
  ${mail}                                                                                                                      | ${'it is the same document'}
  ${{ owners: { ada: { weight: 3 } }, queues: { constructor: { maxRunning: 1 }, mail: { ratePerSecond: 2, maxRunning: 5 } } }} | ${'order says nothing'}
`('an equal document writes nothing: $why', ({ shares }: { shares: Shares }) => {
  expect(decide(set(shares), after(mail))).toEqual(accept());
});

test.each`
  shares                                                              | why
  ${{ ...mail, owners: {} }}                                          | ${'an owner is named no more'}
  ${{ ...mail, owners: { ada: { weight: 3, maxRunning: 1 } } }}       | ${'an owner gets a cap'}
  ${{ ...mail, owners: { bob: { weight: 3 } } }}                      | ${'it is another owner'}
  ${{ ...mail, queues: { ...mail.queues, mail: { maxRunning: 5 } } }} | ${'a rate is gone'}
`('another document is written: $why', ({ shares }: { shares: Shares }) => {
  expect(decide(set(shares), after(mail))).toMatchObject({ events: [{ type: 'SharesSet' }] });
});

test('before the first document there are no shares, and setting none writes nothing', () => {
  expect(initial).toEqual({ shares: noShares });
  expect(decide(set(noShares), initial)).toEqual(accept());
});

test('any document mends a stream whose newest event cannot be read, even one without shares', () => {
  expect(decide(set(noShares), evolve(after(mail), undefined))).toMatchObject({
    events: [{ type: 'SharesSet' }],
  });
});

test.each`
  change                                                                         | why
  ${{ type: 'JobScheduled' }}                                                    | ${'it is no event of this stream'}
  ${{ data: null }}                                                              | ${'it has no data'}
  ${{ data: { shares: { queues: {} } } }}                                        | ${'owners are missing'}
  ${{ data: { shares: { queues: { mail: 5 }, owners: {} } } }}                   | ${'a queue has a number for a share'}
  ${{ data: { shares: { queues: { mail: { maxRunning: '5' } }, owners: {} } } }} | ${'a limit is a text'}
  ${{ data: { shares: { queues: { mail: { maxRunning: 0 } }, owners: {} } } }}   | ${'a limit of none stops a queue'}
  ${{ metadata: {} }}                                                            | ${'it has no version'}
`('an event that is no document is told from one: $why', ({ change }: { change: object }) => {
  const event = {
    type: 'SharesSet',
    data: { shares: mail },
    metadata: { schemaVersion: 1 },
    revision: 0n,
  };
  expect(readSharesEvent(event)?.data.shares).toEqual(mail);
  expect(readSharesEvent({ ...event, ...change })).toBeUndefined();
});
