import type { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { SingleBar } from 'cli-progress';
import type { Context } from './verb';

export type Report = {
  /**
   * Tells how far the work is: a bar on a terminal, else a line a second.
   *
   * @param share  how much of the whole is done, 0 to 1; absent when nobody knows
   */
  readonly progress: (doing: string, events: number, share?: number) => void;
  /** A result: `text` for people, `{"kind": …, …fields}` as a line of its own with `--json`. */
  readonly tell: (kind: string, fields: object, text: string) => void;
  /** Takes the bar away. */
  readonly end: () => void;
};

const EVERY_MS = 1_000;
const BAR_STEPS = 1_000;

/** Positions and revisions are texts in JSON, which has no bigint. */
const withoutBigint = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

const secondsLeft = (elapsedMs: number, share: number | undefined): number | undefined =>
  share === undefined || share <= 0
    ? undefined
    : Math.ceil((elapsedMs * (1 - share)) / share / 1_000);

const isTerminal = (stream: Writable): stream is WriteStream =>
  'isTTY' in stream && stream.isTTY === true;

/** What changes from one telling to the next. */
type State = {
  readonly doing: string;
  readonly events: number;
  readonly perSecond: number;
  readonly share: number | undefined;
  readonly leftS: number | undefined;
};

const asLine = ({ doing, events, perSecond, share, leftS }: State): string => {
  const left = share === undefined ? '' : `, ${Math.floor(share * 100)} %, ${leftS ?? '?'} s left`;
  return `${doing}: ${events} events, ${perSecond}/s${left}\n`;
};

const bar = (stream: WriteStream) => {
  const drawn = new SingleBar({
    stream,
    format: '{doing} [{bar}] {percentage}% | {events} events | {perSecond}/s | {left} left',
    hideCursor: true,
    clearOnComplete: true,
    barsize: 30,
  });
  let isDrawn = false;
  return {
    draw: ({ leftS, ...state }: State) => {
      const payload = { ...state, left: leftS === undefined ? '?' : `${leftS} s` };
      const at = Math.floor((state.share ?? 0) * BAR_STEPS);
      if (isDrawn) drawn.update(at, payload);
      else drawn.start(BAR_STEPS, at, payload);
      isDrawn = true;
    },
    end: () => {
      if (isDrawn) drawn.stop();
      isDrawn = false;
    },
  };
};

/**
 * What a verb tells while it works and at its end. People read results on stdout and progress on stderr;
 * with `isJson` both are JSON lines on stdout, progress with the kind `progress`.
 */
export const reportTo = (
  {
    stdout,
    stderr,
    monotonicMs = () => performance.now(),
  }: Pick<Context, 'stdout' | 'stderr'> & { readonly monotonicMs?: () => number },
  isJson: boolean,
): Report => {
  const onTerminal = !isJson && isTerminal(stderr) ? bar(stderr) : undefined;
  let doingNow: string | undefined;
  let startMs = 0;
  let toldMs = 0;

  const json = (kind: string, fields: object): void => {
    stdout.write(`${JSON.stringify({ kind, ...fields }, withoutBigint)}\n`);
  };
  const show = (state: State): void => {
    if (isJson) json('progress', state);
    else if (onTerminal) onTerminal.draw(state);
    else stderr.write(asLine(state));
  };

  return {
    progress: (doing, events, share) => {
      const nowMs = monotonicMs();
      if (doing !== doingNow) {
        onTerminal?.end();
        [doingNow, startMs, toldMs] = [doing, nowMs, nowMs];
        return;
      }
      if (nowMs - toldMs < EVERY_MS) return;
      toldMs = nowMs;
      const elapsedMs = nowMs - startMs;
      const perSecond = Math.round((events * 1_000) / elapsedMs);
      show({ doing, events, perSecond, share, leftS: secondsLeft(elapsedMs, share) });
    },
    tell: (kind, fields, text) => {
      onTerminal?.end();
      if (isJson) json(kind, fields);
      else stdout.write(`${text}\n`);
    },
    end: () => onTerminal?.end(),
  };
};
