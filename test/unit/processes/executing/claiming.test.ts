import { claimPersistently } from '../../../../processes/executing/claiming';
import type { GatewayClient } from '../../../../processes/executing/gateway-client';
import type { ClaimAnswer } from '../../../../processes/protocol/claim';

const claim = { jobId: 'j', attempt: 1, revision: 1, executorId: 'e' };
const granted = { granted: true, token: 't', deadlineAt: '2026-11-23T12:00:00.000Z' } as const;

/** Every claim takes 5 s by its clock; those that have no answer fail then. */
const claimWith = (...answers: readonly (ClaimAnswer | undefined)[]) => {
  let nowMs = 1_000;
  let asked = 0;
  const gateway: Pick<GatewayClient, 'claim'> = {
    claim: () => {
      nowMs += 5_000;
      const answer = answers[asked++];
      return answer ? Promise.resolve(answer) : Promise.reject(new Error('no answer'));
    },
  };
  const timers = { monotonicMs: () => nowMs, after: () => () => undefined };
  const deps = { gateway: gateway as GatewayClient, timers, draw: () => 0 }; // it only claims
  return claimPersistently(deps, claim, 30_000, new AbortController().signal);
};

test('the time limit counts from the claim that was answered: waiting for a gateway costs the job nothing', async () => {
  expect(await claimWith(undefined, undefined, { ...granted, leftMs: 5_000 })).toEqual({
    outcome: 'granted',
    token: 't',
    leftMs: 5_000,
    sentAtMs: 11_000,
  });
});

test('a gateway that does not say what is left may have granted the first claim, so it counts from there', async () => {
  expect(await claimWith(undefined, granted)).toMatchObject({
    outcome: 'granted',
    leftMs: undefined,
    sentAtMs: 1_000,
  });
});

test('a gateway that never answers: the message goes back after a while', async () => {
  expect((await claimWith()).outcome).toBe('undecided');
});
