import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** The brain that `npm run dev` asks: `LITTLEPBX_WEB=http://127.0.0.1:8080`. */
const brain = process.env.LITTLEPBX_WEB ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), sendingsOnly(), compressed()],
  server: { proxy: { '/api': { target: brain, ws: true } } },
  build: { emptyOutDir: true, target: 'es2022' },
});

/** Puts the value of the contract's table of sendings in place of the module that reads it out of all schemas. */
function sendingsOnly(): Plugin {
  return {
    name: 'sendings-only',
    async load(id) {
      if (!id.endsWith('/packages/contract/src/sendings.ts')) return null;
      const { sendings } = (await import(pathToFileURL(id).href)) as { sendings: unknown };
      return `export const sendings = ${JSON.stringify(sendings)};`;
    },
  };
}

/** Each text beside itself as `.br` and `.gz`: the brain compresses nothing while it carries calls. */
function compressed(): Plugin {
  let folder = '';
  return {
    name: 'compressed',
    apply: 'build',
    configResolved: (config) => {
      folder = resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      for (const name of await readdir(folder, { recursive: true })) {
        if (!['.html', '.js', '.css', '.svg', '.json'].includes(extname(name))) continue;
        const plain = await readFile(join(folder, name));
        await writeFile(join(folder, `${name}.br`), await promisify(brotliCompress)(plain));
        await writeFile(join(folder, `${name}.gz`), await promisify(gzip)(plain, { level: 9 }));
      }
    },
  };
}
