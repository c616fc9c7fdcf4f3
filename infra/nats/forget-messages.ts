import { NatsError } from 'nats';
import type { BrokerAccess } from './access';
import { connectBroker } from './connection';
import type { BrokerNames } from './names';

/** JetStream's code for "stream not found". */
const NOT_THERE = 10_059;

/**
 * Deletes the stream of due jobs. Who uses it makes it again, and the rescuer fills it from the log, as with a broker
 * that has come back empty; a purge would leave the ids of its messages known, and those of the same jobs refused.
 *
 * @throws Error when the broker is away or says no
 */
export const forgetDueMessages = async (
  access: BrokerAccess,
  { stream }: BrokerNames,
): Promise<void> => {
  const broker = await connectBroker({ ...access, name: 'punctual-replay' });
  try {
    const manager = await broker.connection.jetstreamManager({ checkAPI: false });
    await manager.streams.delete(stream);
  } catch (error) {
    if (!(error instanceof NatsError) || error.api_error?.err_code !== NOT_THERE) throw error;
  } finally {
    await broker.close();
  }
};
