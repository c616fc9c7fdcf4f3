/** Our servers' strings, also such as no parser takes: up to the last `@`, for a password may have `/` and `@`. */
const SERVER_URL = /\b((?:esdb(?:\+discover)?|postgres(?:ql)?|pg|nats|tls):\/*)([^\s"]*)@/gi;
const ANY_URL = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s"/?#@]*)@/gi;
const PARAMETER = /([?&](?:ssl)?password=)[^&\s"]*/gi;

const shown = (_: string, scheme: string, userInfo: string): string => {
  const [user] = /^[A-Za-z0-9_.%+-]+(?=:)/.exec(userInfo) ?? [];
  return `${scheme}${user === undefined ? '' : `${user}:`}…@`;
};

/** A text for others, such as a line of a log or the message of somebody's error, with no password in its URLs. */
export const withoutPasswords = (text: string): string =>
  text
    .replace(SERVER_URL, shown)
    .replace(ANY_URL, (whole, scheme: string, userInfo: string) =>
      userInfo.endsWith('…') ? whole : shown(whole, scheme, userInfo),
    )
    .replace(PARAMETER, '$1…');
