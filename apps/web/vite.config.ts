import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { build, defineConfig, type Plugin } from 'vite';

/** The brain that `npm run dev` asks: `LITTLEPBX_WEB=http://127.0.0.1:8080`. */
const brain = process.env.LITTLEPBX_WEB ?? 'http://127.0.0.1:8080';

/** Few files: a browser asks for six at a time, and each costs it more than most of them weigh. */
const GROUPS = [
  { name: 'main', tags: ['$initial' as const], priority: 2 },
  { name: 'doors', test: /src\/(pages\/login\/login-page|parts\/login-form)/, priority: 1 },
];

export default defineConfig({
  plugins: [react(), sendingsOnly(), usedStylesOnly(), early(), compressed()],
  server: { proxy: { '/api': { target: brain, ws: true } } },
  build: {
    emptyOutDir: true,
    target: 'es2022',
    // A page that is read later asks for the styles of what it needs, under a name that `usedStylesOnly` has changed.
    cssCodeSplit: false,
    // Kilobytes before they are compressed; `page.e2e` watches over what is sent.
    chunkSizeWarningLimit: 1000,
    rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } },
  },
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

/** Mantine's styles are one file for all its components: rules for those that no page uses are left out. */
function usedStylesOnly(): Plugin {
  return {
    name: 'used-styles-only',
    generateBundle: {
      // Once index.html is there.
      order: 'post',
      handler(_options, bundle) {
        const files = Object.values(bundle);
        const code = files.map((file) => (file.type === 'chunk' ? file.code : '')).join('');
        const used = new Set(code.match(/\bm_[0-9a-f]{6,10}\b/g));
        const isUsed = (rule: string) => {
          const classes = rule.slice(0, rule.indexOf('{')).match(/\bm_[0-9a-f]{6,10}\b/g);
          return classes === null || classes.some((name) => used.has(name));
        };
        const page = bundle['index.html'];
        if (page?.type !== 'asset') throw new Error('index.html is not there yet');
        for (const file of files) {
          // Those of one page come by its code, which knows their name.
          if (file.type !== 'asset' || !String(page.source).includes(file.fileName)) continue;
          if (!file.fileName.endsWith('.css')) continue;
          file.source = rulesOf(String(file.source)).filter(isUsed).join('');
          const name = `assets/styles-${hashOf(file.source)}.css`;
          page.source = String(page.source).replaceAll(file.fileName, name);
          file.fileName = name;
        }
      },
    },
  };
}

/** Top-level rules of minified CSS. */
function rulesOf(css: string): string[] {
  const rules: string[] = [];
  let depth = 0;
  let start = 0;
  for (const [i, sign] of [...css].entries()) {
    if (sign === '{') depth += 1;
    if (sign === '}') depth -= 1;
    if (depth > 0 || (sign !== '}' && sign !== ';')) continue;
    rules.push(css.slice(start, i + 1));
    start = i + 1;
  }
  return [...rules, css.slice(start)];
}

/** `src/early.ts` as a script of its own, which knows what was built and under which names. */
function early(): Plugin {
  return {
    name: 'early',
    apply: 'build',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const page = bundle['index.html'];
        if (page?.type !== 'asset') throw new Error('index.html is not there yet');
        const html = String(page.source);
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
        /** With all that it needs and the page does not bring anyhow. */
        const filesOf = (path: string): string[] => {
          const chunk = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(path));
          if (chunk === undefined) throw new Error(`nothing was built of ${path}`);
          const found = new Set<string>();
          const add = (name: string): void => {
            const file = bundle[name];
            if (file?.type !== 'chunk' || found.has(name) || html.includes(name)) return;
            found.add(name);
            for (const other of file.imports) add(other);
          };
          add(chunk.fileName);
          return [...found].map((name) => `/${name}`);
        };
        const wordsOf = (language: string, area: string) => filesOf(`/locales/${language}/${area}.json`);
        const login = filesOf('/pages/login/login-page.tsx');
        const builtIn = (language: string) => ({
          words: filesOf(`/app/words-${language}.ts`),
          phones: wordsOf(language, 'phones'),
          login: [...login, ...wordsOf(language, 'login'), ...wordsOf(language, 'doors')],
        });
        const built = { en: builtIn('en'), ru: builtIn('ru') };
        const made = await build({
          configFile: false,
          logLevel: 'warn',
          define: { BUILT: JSON.stringify(built) },
          build: {
            write: false,
            target: 'es2022',
            rolldownOptions: { input: join(import.meta.dirname, 'src/early.ts') },
          },
        });
        const [script] = 'output' in made ? made.output : [];
        if (script === undefined) throw new Error('early.ts was not built');
        const fileName = `assets/early-${hashOf(script.code)}.js`;
        this.emitFile({ type: 'asset', fileName, source: script.code });
        page.source = html.replace(
          '<link rel="icon"',
          `<script type="module" async src="/${fileName}"></script>\n    $&`,
        );
      },
    },
  };
}

/** The name of a file is for ever, so it follows what is in it. */
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** Each text beside itself as `.br` and `.gz`: the brain compresses nothing while it carries calls. */
function compressed(): Plugin {
  const brotli = { params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT } };
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
        await writeFile(join(folder, `${name}.br`), await promisify(brotliCompress)(plain, brotli));
        await writeFile(join(folder, `${name}.gz`), await promisify(gzip)(plain, { level: 9 }));
      }
    },
  };
}
