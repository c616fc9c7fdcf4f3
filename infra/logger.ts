import { withoutPasswords } from './passwords';
import { pino, type DestinationStream, type Level, type Logger } from 'pino';

export type LogLevel = Level | 'silent';

/** Names of fields that carry secrets, at any of the depths that we log. */
const secrets = ['authorization', 'apiKey', 'key', 'password', 'secret', 'token', 'cookie'];

const redacted = secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]);

/**
 * JSON lines, written before the call returns, so that the last words of a program are not lost.
 *
 * @param destination  by default stdout
 */
export const createLogger = (
  { level, name }: { readonly level: LogLevel; readonly name: string },
  destination?: DestinationStream,
): Logger => {
  const options = {
    level,
    name,
    redact: { paths: redacted, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: { streamWrite: withoutPasswords }, // an error of a driver may hold the whole connection string
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination ? pino(options, destination) : pino(options);
};
