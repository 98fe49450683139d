/**
 * Runs while the page's own code is still on its way, and small enough to be there long before it: brings what that code
 * will ask for as soon as it is there. Whose session it is, the words, and the login where it is asked for. It decides
 * nothing: what it brings in vain, or not at all, costs time alone.
 */
import { type EarlyAnswers, SESSION } from './app/early-answers.ts';
import { firstLanguage, type Language } from './app/language.ts';

/** Addresses of what was built; `vite.config.ts` puts them in. */
declare const BUILT: Record<Language, { words: string[]; phones: string[]; login: string[] }>;

function ask(address: string): Promise<Response> {
  const answer = fetch(address, { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(30_000) });
  // Whoever asks for it is told.
  answer.catch(() => {});
  return answer;
}

function bring(file: string): void {
  const link = document.createElement('link');
  link.rel = 'modulepreload';
  link.href = file;
  document.head.append(link);
}

globalThis.earlyAnswers = new Map([[SESSION, ask(SESSION)]]) satisfies EarlyAnswers;
const { words, phones, login } = BUILT[firstLanguage()];
const { pathname } = location;
const page = pathname === '/login' ? login : pathname === '/' || pathname.endsWith('/phones') ? phones : [];
for (const file of [...words, ...page]) bring(file);
