import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** A file that its name tells apart from every other version of it. */
export type Asset = {
  readonly mediaType: string;
  readonly plain: Buffer;
  readonly gzip?: Buffer;
  readonly br?: Buffer;
};

export type ConsoleFiles = {
  readonly html: string;
  readonly etag: string;
  readonly policy: string;
  readonly assets: ReadonlyMap<string, Asset>;
};

const INLINE_SCRIPT = /<script>([\s\S]*?)<\/script>/g;

/** This server alone: no other host, no eval, no script that the build did not make. Widgets are placed by style attributes. */
const policyOf = (html: string): string => {
  const hashes = [...html.matchAll(INLINE_SCRIPT)].map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    ["script-src 'self'", ...hashes].join(' '),
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
};

const readIfThere = (file: string): Buffer | undefined => {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
};

const assetsIn = (folder: string): ReadonlyMap<string, Asset> => {
  const names = readdirSync(folder).filter((name) => !/\.(?:gz|br)$/.test(name));
  return new Map(
    names.map((name) => {
      const file = join(folder, name);
      const gzip = readIfThere(`${file}.gz`);
      const br = readIfThere(`${file}.br`);
      const mediaType = MEDIA_TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
      return [
        name,
        { mediaType, plain: readFileSync(file), ...(gzip && { gzip }), ...(br && { br }) },
      ];
    }),
  );
};

/**
 * The built console, in memory: half a megabyte, and no path of a request ever meets the disk.
 *
 * @param basePath  where the console is found; begins and ends with a slash
 * @returns undefined where none was built
 */
export const readConsole = (folder: string, basePath: string): ConsoleFiles | undefined => {
  const page = readIfThere(join(folder, 'index.html'));
  if (!page) return undefined;
  const html = page.toString().replace('<base href="/" />', `<base href="${basePath}" />`);
  return {
    html,
    etag: `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`,
    policy: policyOf(html),
    assets: assetsIn(join(folder, 'assets')),
  };
};
