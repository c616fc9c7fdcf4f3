import type { ServerResponse } from 'node:http';
import { toTimestamp } from '../../../domain/time';
import { insist } from '../../support/insist';
import { isLong } from '../../support/rounds';
import { until } from '../../support/until';
import {
  verified,
  webhookTarget,
  type ReceivedCall,
  type WebhookTarget,
} from '../../support/webhook-target';
import { cluster, userOf } from './cluster';

// programs that are told by webhook, while who tells them is killed with -9 in the middle of it

const JOBS = 80;
const PATHS = ['/one', '/two', '/three'] as const;
/** Each job is scheduled and cancelled, and each webhook is told of both. */
const CHANGES = PATHS.length * JOBS * 2;
/** A killed notifier has its webhooks for ten seconds more. */
const ROUNDS = isLong ? 6 : 2;
const HELD = 4;

type Registered = { readonly webhookId: string; readonly secret: string };

const changeOf = ({ path, type, data }: ReceivedCall): string =>
  `${path} ${String(data['jobId'])} ${type}`;

const grouped = (
  calls: readonly ReceivedCall[],
  keyOf: (call: ReceivedCall) => string,
): ReadonlyMap<string, readonly ReceivedCall[]> => {
  const groups = new Map<string, ReceivedCall[]>();
  for (const call of calls) groups.set(keyOf(call), [...(groups.get(keyOf(call)) ?? []), call]);
  return groups;
};

/** A program that lets calls wait for their answers once it has given so many. */
const holding = (target: WebhookTarget) => {
  const held: ServerResponse[] = [];
  let [answered, holdsFrom] = [0, 0];
  for (const path of PATHS)
    target.answers(path, (response) => {
      if (answered >= holdsFrom) {
        held.push(response);
        return;
      }
      answered += 1;
      response.writeHead(204).end();
    });
  return {
    untilHeld: (from: number): Promise<unknown> => {
      holdsFrom = from;
      return until(() => held.length >= HELD, {
        timeoutMs: 90_000,
        what: `${HELD} calls are under way after ${from} were answered`,
      });
    },
    /** Lets all of them go, with an answer or without. @returns the ids of those without */
    letGo: (isAnswered: boolean, nextFrom: number): readonly string[] => {
      holdsFrom = nextFrom;
      return held.splice(0).flatMap((response) => {
        if (isAnswered) response.writeHead(204).end();
        else response.destroy();
        return isAnswered ? [] : [String(response.req.headers['webhook-id'])];
      });
    },
  };
};

describe('a notifier that is killed', () => {
  let target: WebhookTarget;
  beforeAll(async () => {
    target = await webhookTarget();
    await cluster().start('notifier');
  }, 60_000);
  afterAll(async () => {
    await cluster().terminate('notifier');
    await target.close();
  }, 60_000);

  test('while deliveries are under way loses none: each comes again under its own id, and those of a job in order', async () => {
    const eve = userOf('eve');
    const program = holding(target);
    const registered = new Map<string, Registered>();
    for (const path of PATHS) {
      const asked = { url: target.url(path), tags: ['told'] };
      const eventTypes = ['job.scheduled', 'job.cancelled'];
      const { body } = await insist(() =>
        eve.post(
          '/v1/webhooks',
          { ...asked, eventTypes },
          { 'idempotency-key': `told-at-${path}` },
        ),
      );
      registered.set(path, body as unknown as Registered); // a webhook's answer
    }
    const dueAt = toTimestamp(Date.now() + 24 * 3_600_000);
    const job = { name: 'told', dueAt, location: 'print:', tags: ['told'] };
    const jobs = Array.from({ length: JOBS }, (_, n) => ({ ...job, idempotencyKey: `told-${n}` }));
    const { body } = await insist(() => eve.post('/v1/jobs/batch', { jobs }));
    const jobIds = (body.results ?? []).map((result) => result.job?.jobId ?? '');
    expect(jobIds).toHaveLength(JOBS);
    const cancelling = Promise.all(
      jobIds.map((jobId) => insist(() => eve.post(`/v1/jobs/${jobId}/cancel`))),
    );

    const unanswered: string[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      await program.untilHeld(Math.floor((CHANGES * round) / (ROUNDS + 2)));
      // killed before the answer, and as it comes: then what was taken may not be on record
      const isAnswered = round % 2 === 0;
      const killed = cluster().kill('notifier');
      unanswered.push(...program.letGo(isAnswered, round === ROUNDS ? CHANGES * 2 : 0));
      await killed;
      await cluster().start('notifier');
    }
    await cancelling;
    const calls = (): readonly ReceivedCall[] => PATHS.flatMap((path) => target.calls(path));
    await until(() => grouped(calls(), changeOf).size >= CHANGES, {
      timeoutMs: 90_000,
      what: 'every change was told',
    });
    for (const { webhookId } of registered.values())
      await until(
        async () => {
          const answer = await eve.get(`/v1/webhooks/${webhookId}`);
          return (answer.body as { waiting?: number }).waiting === 0;
        },
        { what: 'no delivery waits' },
      );

    const changes = grouped(calls(), changeOf);
    expect(changes.size).toBe(CHANGES);
    for (const of of changes.values())
      expect(new Set(of.map(({ id, body: sent }) => `${id} ${sent}`)).size).toBe(1);
    expect(new Set(calls().map(({ id }) => id)).size).toBe(CHANGES);
    // in whose middle it died: they came again, or nothing is tried here
    const times = grouped(calls(), ({ id }) => id);
    expect(unanswered.length).toBeGreaterThanOrEqual(HELD);
    for (const id of unanswered) expect(times.get(id)?.length).toBeGreaterThan(1);
    for (const of of grouped(
      calls(),
      ({ path, data }) => `${path} ${String(data['jobId'])}`,
    ).values()) {
      const types = of.map(({ type }) => type);
      expect(types).toEqual([...types].sort().reverse()); // scheduled, however often, then cancelled
    }
    for (const call of calls())
      expect(verified(registered.get(call.path)?.secret ?? '', call)).toMatchObject({
        type: call.type,
      });
  }, 300_000);
});
