import { types } from 'node:util';
import { ErrorCode, NatsError } from 'nats';
import { ServerUnfit } from '../server-check';
import { parseBrokerUrl } from './broker-url';
import { greetingOf } from './greeting';

const auth: ReadonlySet<string> = new Set([
  ErrorCode.AuthorizationViolation,
  ErrorCode.AuthenticationExpired,
  ErrorCode.AuthenticationTimeout,
  ErrorCode.AccountExpired,
  ErrorCode.BadAuthentication,
]);

/** Of the certificate that the server shows, by Node and OpenSSL. */
const certificate =
  /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|ERR_OSSL|ERR_TLS|ERR_SSL|EPROTO|PEM routines/;

const codeOf = (error: unknown): string =>
  types.isNativeError(error) && 'code' in error ? String(error.code) : '';

/** What the broker said, with the client's name for it where that tells more. */
export const saidBy = (error: unknown): string => {
  if (!types.isNativeError(error)) return String(error);
  const code = codeOf(error);
  const shown = error instanceof NatsError && error.api_error ? error.api_error.err_code : code;
  const says = error.message;
  return shown === '' || says.includes(String(shown)) ? says : `${says} (${shown})`;
};

/** Undefined for what may be over in a moment: nobody answers, a name that is not known yet. */
export const unfitToConnect = (url: string, cause: unknown): ServerUnfit | undefined => {
  if (cause instanceof ServerUnfit) return cause;
  const code = codeOf(cause);
  const unfit = (tried: string, remedy: string): ServerUnfit =>
    new ServerUnfit({ setting: 'NATS_URL', url, tried, found: saidBy(cause), remedy }, { cause });
  if (auth.has(code))
    return unfit(
      'to log in',
      'Put the right user and password, or token, into NATS_URL, or name a credentials file in NATS_CREDS_FILE.',
    );
  if (code === String(ErrorCode.BadCreds))
    return unfit('to log in', 'Let NATS_CREDS_FILE name a file as nsc generate creds writes it.');
  if (code === String(ErrorCode.ServerOptionNotAvailable))
    return unfit(
      'to speak TLS, which is asked for',
      'Let the server offer TLS, or ask for none: nats:// in NATS_URL, no NATS_CA_FILE and no NATS_CERT_FILE.',
    );
  if (code === String(ErrorCode.Tls) || certificate.test(code))
    return unfit(
      'to speak TLS',
      'Name the authority of its certificate in NATS_CA_FILE, the host as the certificate has it in NATS_URL, and a client certificate in NATS_CERT_FILE and NATS_KEY_FILE if the server wants one.',
    );
  return undefined;
};

/**
 * Whether that nobody answered is for want of a client certificate: under TLS 1.3 the server hangs up only after the
 * client has taken the connection for made, and the client does not see that.
 */
export const missesCertificate = async (
  url: string,
  cause: unknown,
): Promise<ServerUnfit | undefined> => {
  if (codeOf(cause) !== String(ErrorCode.Timeout)) return undefined;
  const greetings = await Promise.all(parseBrokerUrl(url).servers.map(greetingOf));
  if (!greetings.some((greeting) => greeting?.wantsCertificate)) return undefined;
  return new ServerUnfit(
    {
      setting: 'NATS_URL',
      url,
      tried: 'to speak TLS',
      found: 'a server that wants a client certificate',
      remedy: 'Name one in NATS_CERT_FILE and its key in NATS_KEY_FILE.',
    },
    { cause },
  );
};
