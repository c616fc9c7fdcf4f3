import type { ExecutorBeats } from '../infra/postgres/executor-beats';
import { pause } from './backoff';
import { attemptRequests, type AttemptRequestDeps } from './gateway/attempt-requests';
import { batchAnswers } from './gateway/batch-answers';
import { beatAnswers, type BeatDeps } from './gateway/beats';
import { lastHandler } from './gateway/last-handler';
import type { RequestServer, StopServing } from './gateway/requests';
import { innerController } from './inner-signal';
import type { Process } from './process';
import { ClaimRequest } from './protocol/claim';
import { ReportRequest } from './protocol/report';
import { GATEWAY_QUEUE_GROUP, subjects } from './protocol/subjects';

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

export type GatewayDeps = Omit<AttemptRequestDeps, 'maxInFlight'> &
  Omit<BeatDeps, 'beats'> & {
    readonly requests: RequestServer;
    readonly beats: ExecutorBeats;
    readonly settings?: Partial<GatewaySettings>;
  };

/** Says again and again that beats are heard, as long as the broker answers. */
const keepListening = async (
  { requests, beats, log }: GatewayDeps,
  { listeningEveryMs, silenceMs, forgetAfterMs }: GatewaySettings,
  signal: AbortSignal,
): Promise<void> => {
  const roundsUntilForget = Math.max(1, Math.round(60_000 / listeningEveryMs));
  let wasDeaf = false;
  for (let round = 0; !signal.aborted; round++) {
    try {
      await requests.roundTrip();
      await beats.listening(wasDeaf, silenceMs);
      wasDeaf = false;
      if (round % roundsUntilForget === 0) await beats.forget(forgetAfterMs);
    } catch (error) {
      log.warn({ err: error }, 'executors cannot be heard');
      wasDeaf = true;
    }
    await pause(listeningEveryMs, signal);
  }
};

/**
 * Takes claims, reports and heartbeats of executors from NATS to the log. Keeps no state: any number may
 * run, and an executor may ask another one each time.
 */
export const executorGateway = (deps: GatewayDeps): Process => ({
  name: 'executor-gateway',
  run: async (signal) => {
    const settings = { ...gatewayDefaults, ...deps.settings };
    const stopping = innerController(signal).signal;
    if (stopping.aborted) return;
    const { requests, log, metrics } = deps;
    const attempts = attemptRequests({ ...deps, maxInFlight: settings.maxInFlight });
    const serve = (
      subject: string,
      refusal: object,
      handle: (data: Uint8Array) => Promise<string>,
    ): StopServing =>
      requests.serve(
        subject,
        GATEWAY_QUEUE_GROUP,
        lastHandler({ subject, refusal, log, unforeseen: metrics.unforeseen }, handle),
      );
    const invalidClaim = (detail: string) => ({ granted: false, code: INVALID, detail }) as const;
    const invalidReport = (detail: string) => ({ accepted: false, code: INVALID, detail }) as const;
    const stops = [
      serve(
        subjects.claim,
        { granted: false, ...UNAVAILABLE },
        batchAnswers({
          schema: ClaimRequest,
          field: 'claims',
          answer: attempts.claim,
          invalid: invalidClaim,
        }),
      ),
      serve(
        subjects.report,
        { accepted: false, ...UNAVAILABLE },
        batchAnswers({
          schema: ReportRequest,
          field: 'reports',
          answer: attempts.report,
          invalid: invalidReport,
        }),
      ),
      serve(subjects.heartbeat, { abort: [], code: 'unavailable' }, beatAnswers(deps)),
    ];
    await keepListening(deps, settings, stopping);
    await Promise.all(stops.map((stop) => stop()));
  },
});
