/** What machines say, in the language of the organization that was called. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, system, test } from '../kit/test.ts';
import { eventually } from '../phones/index.ts';
import { parseWav } from '../phones/wav.ts';

/** "… is unavailable", of the greeting of a box, as it lies on disk. */
const unavailable = (folder: string) => parseWav(readFileSync(join(folder, 'vm-isunavail.wav'))).samples;

/** Where the machine's installations keep what they share. */
const HOME = process.env.LITTLEPBX_HOME ?? '/var/lib/littlepbx';

function english(): string {
  const root = readdirSync(HOME).find((name) => /^root-[a-z]+-[0-9a-f]{8}$/.test(name))!;
  const sounds = join(HOME, root, 'usr/share/asterisk/sounds');
  return join(sounds, readdirSync(sounds).find((name) => name.startsWith('en_US_'))!);
}

test('an organization takes Russian: its sounds come by themselves, its callers hear them, another one’s hear English', async ({
  town,
}) => {
  const [russian, british] = [await town.office(), await town.office()];
  const carrier = await town.carrier();
  const numbers: string[] = [];
  for (const office of [russian, british]) {
    await office.trunk(carrier);
    await office.extension('101', { forwardAlways: 'voicemail' });
    numbers.push(await office.did('101'));
    await office.apply();
  }
  await russian.update({ language: 'ru' });
  // The package is 19 MB; another test run may have fetched it already.
  await eventually(
    async () => {
      const { languages } = await system.api.getSystem();
      const { state, isWanted, reason } = languages.find(({ language }) => language === 'ru')!;
      if (state === 'failed') throw new Error(`the sounds could not be fetched: ${reason}`);
      return isWanted && state === 'there' ? true : undefined;
    },
    { within: 120_000, reason: () => 'the sounds of Russian did not come' },
  );
  const heard = await Promise.all(
    [join(HOME, 'sounds/ru'), english()].map(async (folder, i) => {
      const call = await carrier.dial(numbers[i]!);
      await call.answered();
      await call.hearsThis(unavailable(folder));
      await call.hangUp();
      return folder;
    }),
  );
  expect(heard).toHaveLength(2);
});
