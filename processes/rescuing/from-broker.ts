import { BrokerAway } from './contained';

/** What the broker answers. @throws BrokerAway when it does not: no job can help that */
export const fromBroker = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer;
  } catch (cause) {
    throw new BrokerAway('the broker does not answer', { cause });
  }
};
