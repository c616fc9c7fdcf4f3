import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const packages = join(root, 'node_modules');
const isOurs = (file: string): boolean => file.startsWith(root) && !file.startsWith(packages);

/**
 * Modules are loaded once a worker. Loads our own once more, beside a package that is replaced meanwhile.
 *
 * @param replacement  of what the package exports
 * @returns `load`, by path from the root, and `end`, after which all is as it was
 */
export const loadedAgain = (
  name: string,
  replacement: (actual: object) => object,
): { readonly load: (path: string) => unknown; readonly end: () => void } => {
  const load = createRequire(__filename);
  const { cache } = load;
  const before = { ...cache };
  const forget = (): void => {
    for (const file of Object.keys(cache).filter(isOurs)) Reflect.deleteProperty(cache, file);
  };
  const actual = load(name) as object;
  const replaced = cache[load.resolve(name)];
  if (!replaced) throw new Error(`${name} is no package that can be replaced`);
  forget();
  replaced.exports = replacement(actual);
  return {
    load: (path) => load(join(root, path)) as unknown,
    end: () => {
      forget();
      Object.assign(cache, before);
      replaced.exports = actual;
    },
  };
};
