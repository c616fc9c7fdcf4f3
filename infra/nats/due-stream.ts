import {
  DiscardPolicy,
  nanos,
  RetentionPolicy,
  type NatsConnection,
  type StreamConfig,
} from 'nats';
import { apiCodeOf } from './api-errors';
import type { BrokerNames } from './names';
import { ownedBy, ownerIn } from './stream-owner';

export type DueStreamSettings = {
  /** The broker refuses more; dispatched jobs then wait in the log. */
  readonly maxBytes: number;
  /** How long the broker remembers message ids; by default 2 minutes. */
  readonly duplicateWindowMs?: number;
  /** Copies that a cluster keeps. By default 3 in a cluster of three servers or more, else 1. */
  readonly replicas?: number | undefined;
  /** Whose stream it is: one of another system is refused, one of nobody is taken. Not looked at when absent. */
  readonly systemId?: string | undefined;
};

/** What is changed on a stream that is there. */
export type Changeable = Pick<
  StreamConfig,
  'subjects' | 'discard' | 'max_bytes' | 'duplicate_window' | 'num_replicas'
> & { readonly description?: string };

const DUPLICATE_WINDOW_MS = 120_000;
const COPIES = 3;
const LEAST_BYTES = 1_024 ** 2;

/** A server alone would take any number of copies of a stream that it has, and keep one. */
const copiesIn = (info: NatsConnection['info'], asked: DueStreamSettings['replicas']): number => {
  if (info?.cluster === undefined) return 1;
  if (asked !== undefined) return asked;
  const known = info.connect_urls?.length; // none when the cluster does not advertise its servers
  return known === undefined || known >= COPIES ? COPIES : 1;
};

export const wantedOf = (
  connection: Pick<NatsConnection, 'info'>,
  { dueSubjects }: BrokerNames,
  { maxBytes, duplicateWindowMs = DUPLICATE_WINDOW_MS, replicas, systemId }: DueStreamSettings,
): Changeable => ({
  subjects: [dueSubjects],
  discard: DiscardPolicy.New,
  max_bytes: maxBytes,
  duplicate_window: nanos(duplicateWindowMs),
  num_replicas: copiesIn(connection.info, replicas),
  ...(systemId !== undefined && { description: ownedBy(systemId) }),
});

const covers = (subjects: readonly string[], { dueSubjects }: BrokerNames): boolean => {
  const wanted = dueSubjects.split('.');
  return subjects.some((subject) => {
    const tokens = subject.split('.');
    const isOpen = tokens.at(-1) === '>';
    const fixed = isOpen ? tokens.slice(0, -1) : tokens;
    return (
      (isOpen ? fixed.length < wanted.length : fixed.length === wanted.length) &&
      fixed.every((token, index) => token === '*' || token === wanted[index])
    );
  });
};

/**
 * What has to be changed. Subjects that take in ours stay, and so do more copies than the default: an administrator
 * has reasons.
 */
export const changesTo = (
  found: StreamConfig,
  wanted: Changeable,
  names: BrokerNames,
  { replicas, systemId }: Pick<DueStreamSettings, 'replicas' | 'systemId'>,
): Partial<Changeable> => {
  const isTooFew = found.num_replicas < wanted.num_replicas;
  const isOther = replicas !== undefined && found.num_replicas !== wanted.num_replicas;
  return {
    ...(!covers(found.subjects, names) && { subjects: [...found.subjects, ...wanted.subjects] }),
    ...(found.discard !== wanted.discard && { discard: wanted.discard }),
    ...(found.max_bytes !== wanted.max_bytes && { max_bytes: wanted.max_bytes }),
    ...(found.duplicate_window !== wanted.duplicate_window && {
      duplicate_window: wanted.duplicate_window,
    }),
    ...(systemId !== undefined &&
      ownerIn(found.description) !== systemId && {
        description: ownedBy(systemId, found.description),
      }),
    ...((isTooFew || isOther) && { num_replicas: wanted.num_replicas }),
  };
};

/** Why no job may be trusted to a stream that is so; undefined for one that will do. */
export const flawOf = (config: StreamConfig, names: BrokerNames): string | undefined => {
  if (config.retention !== RetentionPolicy.Workqueue)
    return `retention ${config.retention} instead of workqueue`;
  if (config.mirror !== undefined) return 'a mirror of another stream, which takes no messages';
  if (config.sealed) return 'a sealed stream, which takes no messages';
  if (config.no_ack) return 'no_ack, so that nobody is told what was stored';
  if (config.discard !== DiscardPolicy.New)
    return `discard ${config.discard} instead of new, so that a full stream drops jobs`;
  if (!covers(config.subjects, names)) return `subjects without ${names.dueSubjects}`;
  return undefined;
};

/** JetStream's codes: no server for so many copies, no cluster at all, no limit for so many copies in the account. */
const noCopies = new Set([10_005, 10_074, 10_120]);
/** Storage of the server or of the account, and the largest stream that an account may have. */
const noRoom = new Set([10_047, 10_023, 10_028, 10_002, 10_122]);

/** The same with less of what was refused; undefined when less is no help. */
export const lessThan = <C extends Partial<Changeable>>(
  config: C,
  error: unknown,
): C | undefined => {
  const code = apiCodeOf(error);
  if (code === undefined) return undefined;
  const { num_replicas = 1, max_bytes = 0 } = config;
  if (noCopies.has(code) && num_replicas > 1) return { ...config, num_replicas: 1 };
  if (noRoom.has(code) && max_bytes >= 2 * LEAST_BYTES)
    return { ...config, max_bytes: Math.floor(max_bytes / 2) };
  return undefined;
};
