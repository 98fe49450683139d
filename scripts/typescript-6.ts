/**
 * Preload (`node --import`) for tools that embed the compiler: they get TypeScript 6, which is installed for this folder
 * only, while `tsc` is 7. dependency-cruiser knows `typescript < 7`, and with 7 alone finds no module and reports success.
 */

import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const ours = createRequire(import.meta.url);
// Resolved before the hook is there: a resolve inside it would come back to it.
const paths: Record<string, string> = {
  typescript: ours.resolve('typescript'),
  'typescript/package.json': ours.resolve('typescript/package.json'),
};

registerHooks({
  resolve: (specifier, context, next) => {
    const path = paths[specifier];
    return path === undefined ? next(specifier, context) : { url: pathToFileURL(path).href, shortCircuit: true };
  },
});
