/** The setting that names a server. */
export type ServerSetting = 'EVENTSTORE_URL' | 'POSTGRES_URL' | 'NATS_URL';

export type Verdict =
  | { readonly outcome: 'ok'; readonly detail?: string }
  /** Works, with less than was asked for. */
  | { readonly outcome: 'reduced'; readonly found: string; readonly remedy: string }
  | { readonly outcome: 'missing'; readonly found: string; readonly remedy: string };

/**
 * One thing that Punctual needs of a server, found out by trying it. Each process makes those of its servers at
 * its start; `punctual doctor` makes all.
 */
export type ServerCheck = {
  readonly setting: ServerSetting;
  /** What is tried, as a noun phrase: `right to append`. */
  readonly name: string;
  /** @throws Error when the server does not answer, which is no verdict about what it allows */
  readonly look: () => Promise<Verdict>;
};

/**
 * A server, or what a setting says of it, is not as Punctual needs it, and trying again does not help. The message
 * is for the person who set it up: setting, server without its password, what was tried, what came back, what to do.
 */
export class ServerUnfit extends Error {
  override readonly name = 'ServerUnfit';
  readonly setting: ServerSetting;
  readonly found: string;
  readonly remedy: string;

  constructor(
    told: {
      readonly setting: ServerSetting;
      /** As set, password included; it is taken out here. */
      readonly url: string;
      /** `to open a session`. */
      readonly tried: string;
      readonly found: string;
      readonly remedy: string;
    },
    options?: ErrorOptions,
  ) {
    const { setting, url, tried, found, remedy } = told;
    const sentence = `${setting} (${withoutSecrets(url)}): tried ${tried}, found ${found}. ${remedy}`;
    super(sentence, options);
    this.setting = setting;
    this.found = found;
    this.remedy = remedy;
  }
}

const host = String.raw`(?:\[[0-9a-f:.%]*\]|[^\s:@,/[\]]*)(?::\d*)?`;
/** `host:port,[v6]:port/path`; what is none may be a login without its `@`. */
const hosts = new RegExp(`^${host}(?:,${host})*(?:/[^:@]*)?$`, 'i');

/** Of `user:password`, what may be shown; a part that is no plain name may be a piece of a password. */
const shownUser = (userInfo: string): string => {
  const [user = '', ...rest] = userInfo.split(':');
  const isPlain = /^[A-Za-z0-9_.%+-]+$/.test(user) && rest.length === 1;
  return isPlain ? `${user}@` : '';
};

/**
 * A connection string as it may be shown: without password, token and parameters. Also of one that no parser takes,
 * where a password has `@` or `/` as they are: what stands before the last `@` is never shown but for a plain user.
 */
export const withoutSecrets = (url: string): string =>
  url
    .split(/,(?=[a-z+]+:\/\/)/) // a list of whole addresses, as the broker's may be
    .map((one) => {
      const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(one) ?? [];
      const at = rest.lastIndexOf('@');
      // a parameter, or a password, nobody can tell
      if (/[?#]/.test(rest.slice(0, Math.max(at, 0)))) return `${scheme}…`;
      const [shown = ''] = rest.slice(at + 1).split(/[?#]/);
      if (!hosts.test(shown)) return `${scheme}…`;
      return `${scheme}${at < 0 ? '' : shownUser(rest.slice(0, at))}${shown}`;
    })
    .join(',');
