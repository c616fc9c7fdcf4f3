import { isSilence, JETSTREAM_SILENT } from '../../../infra/nats/silence';
import { BrokerAway } from '../contained';

/** What the broker answers. @throws BrokerAway when it does not: no job can help that */
export const fromBroker = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer;
  } catch (cause) {
    const message = isSilence(cause) ? JETSTREAM_SILENT : 'the broker does not answer';
    throw new BrokerAway(message, { cause });
  }
};
