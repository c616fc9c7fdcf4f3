import type { ServerCheck, Verdict } from '../server-check';
import type { BrokerCheckDeps } from './broker-needs';
import { publishDenied, subscribeDenied, type Denial } from './denials';
import type { ExecutorSubjects } from './names';
import { check, denied, missing, ok, reduced } from './verdicts';

/** What an executor asks and a gateway answers, and one gateway alone by its id; there is none of this one. */
const askedOf = ({ claim, report, heartbeat }: ExecutorSubjects): readonly string[] => [
  ...[claim, report, heartbeat],
  ...[`${claim}.probe`, `${report}.probe`],
];

/** Below it not even a claim, a report and a job without payload are sure to fit. */
const LEAST_PAYLOAD_BYTES = 4 * 1_024;
/** Takes every job and every result that the API and the gateways take. */
const FULL_PAYLOAD_BYTES = 128 * 1_024;

export const payloadCheck = ({ connection }: BrokerCheckDeps): ServerCheck =>
  check('room in a message', () => {
    const bytes = connection.info?.max_payload ?? FULL_PAYLOAD_BYTES;
    const found = `max_payload ${bytes}`;
    const remedy = `Raise max_payload to ${FULL_PAYLOAD_BYTES} or more, for the server, the account and the user.`;
    const verdict = (): Verdict => {
      if (bytes < LEAST_PAYLOAD_BYTES) return missing(found, remedy);
      if (bytes < FULL_PAYLOAD_BYTES)
        return reduced(`${found}, so that jobs with a larger payload will fail`, remedy);
      return ok;
    };
    return Promise.resolve(verdict());
  });

const firstOf = async (
  subjects: readonly string[],
  look: (subject: string) => Promise<Denial | undefined>,
): Promise<Verdict> => {
  for (const subject of subjects) {
    const denial = await look(subject);
    if (denial) return denied(denial);
  }
  return ok;
};

/** Empty requests without a reply: gateways see that there is nothing to answer. */
export const gatewayChecks = ({
  connection,
  names,
  needs,
}: BrokerCheckDeps): readonly ServerCheck[] => [
  ...(needs.takes === undefined
    ? []
    : [
        check('the right to ask the gateways', () =>
          firstOf(askedOf(names.executor), (subject) => publishDenied(connection, subject)),
        ),
      ]),
  ...(needs.serves
    ? [
        check('the right to serve executors', () =>
          firstOf(askedOf(names.executor), (subject) => subscribeDenied(connection, subject)),
        ),
      ]
    : []),
];
