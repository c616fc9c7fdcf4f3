import type { ExecutorSubjects } from '../../infra/nats/names';
import type { ExecutorBeats } from '../../infra/postgres/executor-beats';
import type { ToldStarts } from '../../infra/postgres/queue-starts';
import { pause } from '../runtime/backoff';
import { attemptRequests, type AttemptRequestDeps } from './attempt-requests';
import { batchAnswers } from './batch-answers';
import { beatWriter, type BeatWriter } from './beat-writer';
import { beatAnswers } from './beats';
import { lastHandler } from './last-handler';
import type { RequestServer } from './requests';
import { rounds as countedRounds, type Rounds } from './rounds';
import { runCheck, type RunCheckDeps } from './run-check';
import { startCounts } from './start-counts';
import { tellStarts } from './tell-starts';
import { innerController } from '../runtime/inner-signal';
import type { Process } from '../runtime/process';
import { ClaimRequest } from '../protocol/claim';
import { ReportRequest } from '../protocol/report';
import { GATEWAY_QUEUE_GROUP, subjectOf } from '../protocol/subjects';
import { systemTimers } from '../runtime/timers';
import { unwatched, type ServerName, type Vitals } from '../health/vitals';

export type GatewaySettings = {
  readonly maxInFlight: number;
  /** How often the gateway makes sure that beats can be heard, and says so. */
  readonly listeningEveryMs: number;
  /** After a silence of the broker as long as this, executors get a fresh start. */
  readonly silenceMs: number;
  /** Executors that were silent as long as this are removed from the list. */
  readonly forgetAfterMs: number;
};

const gatewayDefaults: GatewaySettings = {
  maxInFlight: 4_096,
  listeningEveryMs: 1_000,
  silenceMs: 3_000,
  forgetAfterMs: 3_600_000,
};

const INVALID = 'invalid-request';
const UNAVAILABLE = { code: 'unavailable', retryAfterMs: 1_000 } as const;

export type GatewayDeps = Omit<
  AttemptRequestDeps,
  'maxInFlight' | 'commands' | 'vitals' | 'started'
> &
  RunCheckDeps & {
    /** Fresh for each start; letters, digits, `_` and `-`. */
    readonly gatewayId: string;
    readonly commands: AttemptRequestDeps['commands'] & RunCheckDeps['commands'];
    readonly requests: RequestServer;
    readonly subjects: ExecutorSubjects;
    readonly beats: ExecutorBeats;
    readonly starts: ToldStarts;
    readonly vitals?: Vitals;
    readonly settings?: Partial<GatewaySettings>;
  };

/** The answer of a server, which then works or does not. */
const told = async <T>(vitals: Vitals, server: ServerName, asked: Promise<T>): Promise<T> => {
  try {
    const answer = await asked;
    vitals.worked(server);
    return answer;
  } catch (error) {
    vitals.failed(server, error);
    throw error;
  }
};

/** Says again and again that beats are heard, as long as the broker answers and beats are written down. */
const keepListening = async (
  { gatewayId, requests, beats, logger, vitals = unwatched }: GatewayDeps,
  { listeningEveryMs, silenceMs, forgetAfterMs }: GatewaySettings,
  writer: Pick<BeatWriter, 'hasMissed'>,
  rounds: Rounds,
  signal: AbortSignal,
): Promise<void> => {
  const roundsUntilForget = Math.max(1, Math.round(60_000 / listeningEveryMs));
  let wasDeaf = false;
  for (let count = 0; !signal.aborted; count++) {
    try {
      const round = rounds.begin();
      await told(vitals, 'broker', requests.roundTrip());
      rounds.ended(round);
      wasDeaf = writer.hasMissed(silenceMs) || wasDeaf;
      await told(vitals, 'read-model', beats.listening(gatewayId, wasDeaf, silenceMs));
      wasDeaf = false;
      if (count % roundsUntilForget === 0) await beats.forget(forgetAfterMs);
      vitals.moved();
    } catch (error) {
      logger.warn({ err: error }, 'executors cannot be heard');
      wasDeaf = true;
    }
    await pause(listeningEveryMs, signal);
  }
};

/**
 * Takes claims, reports and heartbeats of executors from NATS to the log. Keeps no state that another one
 * would miss: any number may run. Claims and reports reach one of them, or the one that is named; beats reach
 * all, so that a frozen one swallows none.
 */
export const executorGateway = (deps: GatewayDeps): Process => ({
  name: 'executor-gateway',
  run: async (signal) => {
    const settings = { ...gatewayDefaults, ...deps.settings };
    const stopping = innerController(signal).signal;
    if (stopping.aborted) return;
    const { requests, subjects, gatewayId: gateway, logger, metrics } = deps;
    const { vitals = unwatched } = deps;
    const { maxMessageBytes } = requests;
    const counts = startCounts();
    const attempts = attemptRequests({
      ...{ ...deps, vitals, started: counts.started },
      maxInFlight: settings.maxInFlight,
    });
    const rounds = countedRounds();
    const writer = beatWriter(deps.beats, systemTimers.monotonicMs);
    const safe = (
      subject: string,
      refusal: object,
      handle: (data: Uint8Array) => Promise<string>,
    ) => lastHandler({ subject, refusal, logger, unforeseen: metrics.unforeseen }, handle);
    const claims = safe(
      subjects.claim,
      { granted: false, ...UNAVAILABLE },
      batchAnswers({
        schema: ClaimRequest,
        field: 'claims',
        answer: attempts.claim,
        invalid: (detail) => ({ granted: false, code: INVALID, detail }) as const,
        maxMessageBytes,
        gateway,
      }),
    );
    const reports = safe(
      subjects.report,
      { accepted: false, ...UNAVAILABLE },
      batchAnswers({
        schema: ReportRequest,
        field: 'reports',
        answer: attempts.report,
        invalid: (detail) => ({ accepted: false, code: INVALID, detail }) as const,
        maxMessageBytes,
        gateway,
      }),
    );
    const beats = safe(
      subjects.heartbeat,
      { abort: [], code: 'unavailable' },
      beatAnswers({
        writer,
        serves: counts.serves,
        compare: runCheck(deps, rounds),
        rounds,
        maxMessageBytes,
        logger,
        gateway,
      }),
    );
    const stops = [
      requests.serve(subjects.claim, GATEWAY_QUEUE_GROUP, claims),
      requests.serve(subjectOf(subjects.claim, gateway), undefined, claims),
      requests.serve(subjects.report, GATEWAY_QUEUE_GROUP, reports),
      requests.serve(subjectOf(subjects.report, gateway), undefined, reports),
      requests.serve(subjects.heartbeat, undefined, beats),
    ];
    await Promise.all([
      keepListening(deps, settings, writer, rounds, stopping),
      tellStarts(deps, counts, stopping),
    ]);
    await Promise.all(stops.map((stop) => stop()));
  },
});
