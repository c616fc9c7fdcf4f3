import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { cacheOf, ofPackage } from './debian';

/** Chromium without the windows that nobody sees: a third less of a core than the browser itself with `--headless`. */
const PACKAGE = 'chromium-headless-shell';

type Program = { readonly path: string; readonly env: Readonly<Record<string, string>> };

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const librariesIn = async (root: string): Promise<readonly string[]> => {
  const lib = join(root, 'usr/lib');
  const machines = await readdir(lib).catch((): string[] => []);
  return [lib, ...machines.map((machine) => join(lib, machine))];
};

const find = async (): Promise<Program | undefined> => {
  if (await isThere('/usr/bin/chromium-headless-shell'))
    return { path: '/usr/bin/chromium-headless-shell', env: {} };
  const root = cacheOf(PACKAGE);
  const path = join(root, 'usr/lib/chromium/chromium-headless-shell');
  if (!(await isThere(path))) return undefined;
  return { path, env: { LD_LIBRARY_PATH: (await librariesIn(root)).join(':') } };
};

/** What Playwright turns off by itself, which a list of one's own replaces. */
const offForTests = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
];
/** Pages of the browser's own that nobody sees: each new window would take 0.3 s of a core for them. */
const omnibox = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'];

/** Debian's Chromium, without a window. @throws Error when this machine neither has it nor gets it */
export const startBrowser = async (): Promise<Browser> => {
  const { path, env } = await ofPackage(PACKAGE, find);
  return await chromium.launch({
    executablePath: path,
    env: { ...process.env, ...env },
    args: [
      '--no-sandbox', // as root it has none
      '--disable-background-networking',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      `--disable-features=${[...offForTests, ...omnibox].join()}`,
    ],
  });
};
