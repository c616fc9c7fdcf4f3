import { MAX_BLOCK_EVENTS } from '../domain/seal/block';
import { sealCheck } from '../domain/seal/check';
import { readSealData } from '../domain/seal/seal';
import { uuids } from '../infra/ids';
import { keyRing, logSealKey, newLogSealKey } from '../infra/log-seal-keys';
import { sha256 } from '../infra/sha256';
import { logSealer } from '../processes/archiving/sealer';
import type { StoredBytes } from '../projections/reading/log-scan';
import { wholeLives } from './made-up-events';
import type { Figures, Row } from './row';
import { ofRuns, rounded } from './statistics';

/** Few, so that the garbage of making them is not counted with the work. */
const EVENTS = 20_000;
const RUNS = 11;
const SIDE_BY_SIDE = 250;
const TICKS_PER_MS = 10_000n;

const ignore = (): void => undefined;

/** A text in one piece, as from a server; one that was put together is copied when it is first read. */
const flat = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

const stored = (): readonly StoredBytes[] =>
  wholeLives(EVENTS / 4, SIDE_BY_SIDE).map(({ data, metadata, position, ...event }) => ({
    ...event,
    stream: flat(event.stream),
    id: flat(event.id),
    position: (position + 1n) * 128n,
    contentType: 'application/json',
    createdTicks: BigInt(Date.now()) * TICKS_PER_MS,
    data: Buffer.from(JSON.stringify(data)),
    metadata: Buffer.from(JSON.stringify(metadata)),
  }));

/** Time of the wall and of the processor an event. */
const timed = async (work: () => unknown): Promise<Figures> => {
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  await work();
  const seconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    eventsPerSecond: Math.round(EVENTS / seconds),
    cpuMicrosecondsPerEvent: rounded((user + system) / EVENTS),
  };
};

const key = logSealKey(newLogSealKey());

/** Seals all events into texts, as a log would get them. */
const sealInto = async (texts: string[], events: readonly StoredBytes[]): Promise<void> => {
  const sealer = logSealer({
    seals: { newest: () => Promise.resolve(undefined) },
    eventLog: {
      append: (_stream, [event]) => {
        texts.push(JSON.stringify(event));
        const revision = BigInt(texts.length - 1);
        return Promise.resolve({ outcome: 'appended', revision, position: revision });
      },
    },
    key,
    sha256,
    clock: { now: () => Date.now() },
    ids: uuids,
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    metrics: { sealedBlocks: ignore, sealedEvents: ignore },
  });
  for (let at = 0; at < EVENTS; at += MAX_BLOCK_EVENTS)
    await sealer.take(events.slice(at, at + MAX_BLOCK_EVENTS));
};

const place = { stream: 'seals', revision: 0n, position: -1n, type: 'BlockSealed' };

/** @throws Error when the check finds anything: what was measured would not be a check */
const checkAll = (texts: readonly string[], events: readonly StoredBytes[]): void => {
  const seals = texts.map((text) => {
    const { data } = JSON.parse(text) as { readonly data: unknown }; // written above
    return { place, seal: readSealData(data, 1, sha256) };
  });
  const keys = keyRing([key.publicPem]);
  const check = sealCheck({ seals, sealsReadAt: -1n, keys, sha256 });
  check.take(events);
  if (check.end().length > 0) throw new Error('the events do not fit their seals');
};

/** What seals cost beyond reading the log: events and seals are in memory. */
export const seal: Row = {
  name: 'seal',
  measure: async ({ note }) => {
    note(`sealing ${EVENTS} events and checking them, ${RUNS} times`);
    const events = stored();
    const [sealing, checking]: [Figures[], Figures[]] = [[], []];
    for (let run = 0; run <= RUNS; run += 1) {
      const texts: string[] = [];
      const [sealed, checked] = [
        await timed(() => sealInto(texts, events)),
        await timed(() => {
          checkAll(texts, events);
        }),
      ];
      const bytes = texts.reduce((sum, text) => sum + text.length, 0);
      if (run === 0) continue; // warms up
      sealing.push({ ...sealed, bytesPerEvent: rounded(bytes / EVENTS) });
      checking.push(checked);
    }
    const target = [{ of: 'cpuMicrosecondsPerEvent', atMost: 5 }];
    return [
      { of: 'sealing', ...ofRuns(sealing), target },
      { of: 'checking', ...ofRuns(checking) },
    ];
  },
};
