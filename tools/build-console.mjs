import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'vite';

/** Compressed once, by the build, so that no request pays for it. */
const compress = async (folder) => {
  const files = (await readdir(folder)).map((name) => join(folder, name));
  await Promise.all(
    files.map(async (file) => {
      const content = await readFile(file);
      const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
      await writeFile(`${file}.br`, await promisify(brotliCompress)(content, { params }));
      await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
    }),
  );
};

/** Writes the console to dist/console as static files, each named by what is in it. */
export const buildConsole = async (root) => {
  const outDir = join(root, 'dist/console');
  await build({
    configFile: false,
    root: join(root, 'console'),
    base: './', // the page says where it is, by its <base>
    build: {
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      target: 'es2022',
      reportCompressedSize: false,
      chunkSizeWarningLimit: 600, // a test holds the first load to what it may weigh
      rolldownOptions: {
        onLog: (level, log, tell) => {
          // what libraries say to servers that render pages
          if (log.code !== 'MODULE_LEVEL_DIRECTIVE') tell(level, log);
        },
      },
    },
    logLevel: 'warn',
  });
  await compress(join(outDir, 'assets'));
};
