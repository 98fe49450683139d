import { expect, test } from 'vitest';
import { browserOf } from './browser-name.ts';

const LINUX = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  [`${LINUX} Chrome/140.0.0.0 Safari/537.36`, 'Chrome', 'Linux'],
  [`${LINUX} Chrome/140.0.0.0 Safari/537.36 Edg/140.0`, 'Edge', 'Linux'],
  ['Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox', 'Windows'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile/15E Safari/604.1',
    'Safari',
    'iPhone',
  ],
  ['curl/8.5.0', null, null],
])('%s is told by the name that people know', (userAgent, browser, system) => {
  expect(browserOf(userAgent)).toEqual({ browser, system });
});
