import { useSyncExternalStore } from 'react';
import { ask } from '../http/client';
import { Problem, unreachable } from '../http/problem';
import { serverNow } from '../time/clock';
import type { ToolLine } from './tool-line';

export type ToolName = 'verify' | 'replay' | 'simulate' | 'export';

/** One run of a tool, from here. */
export type ToolRun = {
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Of the command line; null when the tool was killed. Absent while it runs, and when it was refused or broke off. */
  readonly exitCode?: number | null;
  /** What told how far it is. */
  readonly progress?: ToolLine;
  /** The first of what it told; those behind are counted. */
  readonly lines: readonly ToolLine[];
  readonly moreLines: number;
  readonly error?: Problem;
  readonly wasStopped?: boolean;
  /** The export as a file, when it is whole. */
  readonly file?: Blob;
};

/** A page that shows more is read by nobody. */
const MOST_LINES = 500;
/** What a browser can hold beside all else: larger exports are for the command line. */
const MOST_FILE_BYTES = 256 * 1_024 * 1_024;

const runs = new Map<ToolName, ToolRun>();
const stops = new Map<ToolName, AbortController>();
const listeners = new Set<() => void>();

const set = (name: ToolName, run: ToolRun): void => {
  runs.set(name, run);
  for (const listener of listeners) listener();
};

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The run of a tool that goes on or was the last, wherever in the console one is meanwhile. */
export const useToolRun = (name: ToolName): ToolRun | undefined =>
  useSyncExternalStore(subscribe, () => runs.get(name));

/** @returns how lines are cut out of chunks */
const lineCutter = () => {
  let rest = '';
  return (chunk: string): readonly string[] => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    return lines.filter((line) => line !== '');
  };
};

const after = (run: ToolRun, lines: readonly ToolLine[]): ToolRun => {
  const told = lines.filter(({ kind }) => kind !== 'progress' && kind !== 'exit');
  const progress = lines.findLast(({ kind }) => kind === 'progress');
  const exit = lines.find(({ kind }) => kind === 'exit');
  const room = Math.max(0, MOST_LINES - run.lines.length);
  return {
    ...run,
    ...(progress && { progress }),
    ...(exit && { exitCode: exit['code'] as number | null }), // as the API describes it
    lines: room === 0 ? run.lines : [...run.lines, ...told.slice(0, room)],
    moreLines: run.moreLines + Math.max(0, told.length - room),
  };
};

type Chunks = { readonly take: (chunk: string) => ToolRun; readonly end: () => ToolRun };

const told = (begun: ToolRun): Chunks => {
  const cut = lineCutter();
  let run = begun;
  return {
    take: (chunk) => {
      const lines = cut(chunk).map((line) => JSON.parse(line) as ToolLine); // as the API describes it
      return (run = after(run, lines));
    },
    end: () => run,
  };
};

/** The lines of an export are its file, and are not looked at but for the last. */
const filed = (begun: ToolRun): Chunks => {
  const parts: string[] = [];
  let size = 0;
  let last = '';
  return {
    take: (chunk) => {
      size += chunk.length;
      if (size > MOST_FILE_BYTES)
        throw new Problem({
          type: 'export-too-large',
          title: 'The export is too large for a browser',
          detail: 'Take a smaller window, or punctual audit export, which writes to a file.',
          status: 0,
        });
      parts.push(chunk);
      last = (last + chunk).slice(-4_096);
      return { ...begun, progress: { kind: 'progress', doing: 'characters', events: size } };
    },
    end: () => {
      const line = last.trimEnd().split('\n').at(-1) ?? '';
      const { kind, code } = JSON.parse(line) as ToolLine;
      if (kind === 'end') return { ...begun, exitCode: 0, file: new Blob(parts) };
      return { ...begun, exitCode: typeof code === 'number' ? code : null };
    },
  };
};

/** Runs a tool; it ends with this page, for hanging up ends it. One that runs already is left alone. */
export const startTool = async (name: ToolName, body: object): Promise<void> => {
  if (stops.has(name)) return;
  const stop = new AbortController();
  stops.set(name, stop);
  const begun: ToolRun = { startedAt: serverNow(), lines: [], moreLines: 0 };
  set(name, begun);
  const chunks = name === 'export' ? filed(begun) : told(begun);
  try {
    const response = await ask(`v1/tools/${name}`, { method: 'POST', body, signal: stop.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read())
      set(name, chunks.take(read.value));
    set(name, { ...chunks.end(), endedAt: serverNow() });
  } catch (error) {
    stop.abort(); // what cannot be taken is not asked for any longer
    const run = runs.get(name) ?? begun;
    const wasStopped = error instanceof DOMException && error.name === 'AbortError';
    const why = error instanceof Problem ? error : unreachable();
    set(name, { ...run, endedAt: serverNow(), ...(wasStopped ? { wasStopped } : { error: why }) });
  } finally {
    stops.delete(name);
  }
};

export const stopTool = (name: ToolName): void => stops.get(name)?.abort();
