import { setTimeout as pause } from 'node:timers/promises';
import {
  ErrorCode,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type NatsConnection,
  type StreamConfig,
  type StreamInfo,
} from 'nats';
import { apiCodeOf, clientCodeOf, isDenied, unlessMissing } from './api-errors';
import { askAgain } from './ask-again';
import {
  changesTo,
  flawOf,
  lessThan,
  wantedOf,
  type Changeable,
  type DueStreamSettings,
} from './due-stream';
import type { BrokerNames } from './names';
import { unlessRenewed } from './reconnects';
import { ownerIn, StreamOfOtherSystem } from './stream-owner';

export type { DueStreamSettings } from './due-stream';

/** The stream is there and will not do; nothing but a person can change that. */
export class DueStreamUnfit extends Error {
  override readonly name = 'DueStreamUnfit';
  readonly flaw: string;

  constructor(stream: string, flaw: string) {
    super(`the stream ${stream} has ${flaw}`);
    this.flaw = flaw;
  }
}

/** A cluster without a leader does not answer at all. */
const API_TIMEOUT_MS = 3_000;
/**
 * JetStream's codes for a stream that is there with other settings, or just being made by somebody else (then the
 * subjects are taken, and the stream may not be there yet), and for one that is not there.
 */
const TAKEN = new Set([10_058, 10_065]);
/** Looks for a stream that somebody else is making, and the time between them, in ms. */
const LOOKS = 5;
const LOOK_EVERY_MS = 100;
const NO_STREAM = new Set([10_059]);
/** What was refused once is not tried again before: callers look every second. */
const REFUSED_FOR_MS = 60_000;

/** When a change was refused, by its text. */
const refusals = new WeakMap<NatsConnection, Map<string, number>>();

const wasRefused = (connection: NatsConnection, change: Partial<Changeable>): boolean => {
  const atMs = refusals.get(connection)?.get(JSON.stringify(change));
  return atMs !== undefined && performance.now() - atMs < REFUSED_FOR_MS;
};

const noteRefusal = (connection: NatsConnection, change: Partial<Changeable>): void => {
  const known = refusals.get(connection) ?? new Map<string, number>();
  known.set(JSON.stringify(change), performance.now());
  refusals.set(connection, known);
};

/** Makes the stream, with less where the broker has less. */
const create = async (
  { streams }: JetStreamManager,
  connection: NatsConnection,
  name: string,
  wanted: Changeable,
): Promise<StreamInfo> => {
  let config: Partial<StreamConfig> & { readonly name: string } = {
    ...wanted,
    name,
    storage: StorageType.File,
    retention: RetentionPolicy.Workqueue,
  };
  for (;;) {
    try {
      return await unlessRenewed(connection, streams.add(config));
    } catch (error) {
      const isSilent = clientCodeOf(error) === String(ErrorCode.Timeout);
      // a cluster that misses a server may wait for it without an end
      const less =
        isSilent && (config.num_replicas ?? 1) > 1
          ? { ...config, num_replicas: 1 }
          : lessThan(config, error);
      if (!less) throw error;
      config = less;
    }
  }
};

/** A stream that is larger than what the broker would take now stays so. */
const withoutShrinking = (
  change: Partial<Changeable> | undefined,
  { max_bytes: now }: StreamConfig,
): Partial<Changeable> | undefined => {
  if (change?.max_bytes === undefined || change.max_bytes > now) return change;
  const { max_bytes: _, ...rest } = change;
  return Object.keys(rest).length === 0 ? undefined : rest;
};

/** Changes the stream as far as the broker lets us. @returns as it is then */
const change = async (
  { streams }: JetStreamManager,
  connection: NatsConnection,
  found: StreamInfo,
  changes: Partial<Changeable>,
): Promise<StreamInfo> => {
  let now = found;
  const { num_replicas, ...others } = changes;
  // copies last: until they have chosen their leader the stream answers nobody
  const steps: readonly Partial<Changeable>[] = [
    others,
    num_replicas === undefined ? {} : { num_replicas },
  ];
  for (const step of steps) {
    if (Object.keys(step).length === 0 || wasRefused(connection, step)) continue;
    for (let next: Partial<Changeable> | undefined = step; next;) {
      try {
        now = await unlessRenewed(connection, streams.update(found.config.name, next));
        break;
      } catch (error) {
        if (apiCodeOf(error) === undefined && !isDenied(error)) throw error;
        noteRefusal(connection, step);
        next = withoutShrinking(lessThan(next, error), found.config);
      }
    }
  }
  return now;
};

/** @throws DueStreamUnfit */
const refuseUnfit = (config: StreamConfig, names: BrokerNames): void => {
  const flaw = flawOf(config, names);
  if (flaw !== undefined) throw new DueStreamUnfit(config.name, flaw);
};

/** @throws StreamOfOtherSystem */
const refuseOther = ({ name, description }: StreamConfig, systemId: string | undefined): void => {
  const owner = ownerIn(description);
  if (systemId !== undefined && owner !== undefined && owner !== systemId)
    throw new StreamOfOtherSystem(name, owner, systemId);
};

/**
 * Makes sure that the stream of due jobs is there as it should be; call it after every connect, for a whole
 * broker may come back empty. Settings that are otherwise are changed where the broker lets us; one that an
 * administrator has made is taken as it is as long as no job can get lost in it.
 *
 * @returns the stream: when it was `created` is another text than last time when its messages are gone
 * @throws DueStreamUnfit, StreamOfOtherSystem, and what the client throws when the broker is away or refuses
 */
export const dueStreamInfo = async (
  connection: NatsConnection,
  names: BrokerNames,
  settings: DueStreamSettings,
): Promise<StreamInfo> => {
  const manager = await connection.jetstreamManager({ checkAPI: false, timeout: API_TIMEOUT_MS });
  const look = (): Promise<StreamInfo | undefined> =>
    unlessMissing(
      askAgain(connection, () => manager.streams.info(names.stream)),
      NO_STREAM,
    );
  const lookAgain = async (): Promise<StreamInfo | undefined> => {
    for (let looks = 1; ; looks += 1) {
      const found = await look();
      if (found || looks === LOOKS) return found;
      await pause(LOOK_EVERY_MS);
    }
  };
  const wanted = wantedOf(connection, names, settings);
  let found = await look();
  if (!found)
    try {
      return await create(manager, connection, names.stream, wanted);
    } catch (error) {
      // another process was faster, or the first answer got lost
      found = TAKEN.has(apiCodeOf(error) ?? 0) ? await lookAgain() : undefined;
      if (!found) throw error;
    }
  refuseOther(found.config, settings.systemId);
  const changes = changesTo(found.config, wanted, names, settings);
  // first, for one that cannot be made fit may be somebody else's
  refuseUnfit({ ...found.config, ...changes }, names);
  if (Object.keys(changes).length === 0) return found;
  const changed = await change(manager, connection, found, changes);
  refuseUnfit(changed.config, names);
  return changed;
};

/** The system that the stream is of; undefined where there is none, or nobody has named it. */
export const dueStreamOwner = async (
  connection: NatsConnection,
  names: BrokerNames,
): Promise<string | undefined> => {
  const manager = await connection.jetstreamManager({ checkAPI: false, timeout: API_TIMEOUT_MS });
  const found = await unlessMissing(manager.streams.info(names.stream), NO_STREAM);
  return ownerIn(found?.config.description);
};

/** The same, for who only wants to know when the stream was made. */
export const ensureDueStream = async (
  connection: NatsConnection,
  names: BrokerNames,
  settings: DueStreamSettings,
): Promise<string> => (await dueStreamInfo(connection, names, settings)).created;
