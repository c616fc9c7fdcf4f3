import type { Writable } from 'node:stream';

const everyMs = 1_000;

export type Progress = {
  /** @param share  how much of the whole is done, 0 to 1; absent when nobody knows */
  readonly at: (events: number, share: number | undefined) => void;
  readonly done: (text: string) => void;
};

const leftText = (elapsedMs: number, share: number | undefined): string => {
  if (share === undefined || share <= 0) return '';
  const leftS = Math.ceil((elapsedMs * (1 - share)) / share / 1_000);
  return `, ${Math.floor(share * 100)} %, ${leftS} s left`;
};

/** Tells how far it is, how fast and how long it takes still, once a second. */
export const progressOn = (stderr: Writable, verb: string): Progress => {
  const startMs = performance.now();
  let toldMs = startMs;
  const rate = (events: number): number =>
    Math.round((events * 1_000) / Math.max(1, performance.now() - startMs));
  return {
    at: (events, share) => {
      const nowMs = performance.now();
      if (nowMs - toldMs < everyMs) return;
      toldMs = nowMs;
      const left = leftText(nowMs - startMs, share);
      stderr.write(`${verb} ${events} events, ${rate(events)}/s${left}\n`);
    },
    done: (text) => stderr.write(`${text}\n`),
  };
};
