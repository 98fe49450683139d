/** Calls, voicemail and statistics in the page, by an admin who watches while people phone. */
import { afterAll } from 'vitest';
import { Browsers } from '../kit/browser.ts';
import { hangUp, hearEachOther, talk } from '../kit/talk.ts';
import { expect, system, test } from '../kit/test.ts';
import { leaveTone, messagesOf } from '../kit/voicemail.ts';
import { eventually } from '../phones/index.ts';

const browsers = new Browsers(system);
afterAll(() => browsers.close());

test('an admin watches a call step by step, records it, sends it on, ends it, and hears it when it is over', async ({
  town,
}) => {
  const office = await town.office();
  const { ann, bob, carol } = await office.staff('ann', 'bob', 'carol');
  await office.set('102', { forwardNoAnswer: '103', ringTimeInS: 5 });
  const window = await browsers.open();
  const { page } = window;
  await window.logIn(await browsers.person(office), `/o/${office.slug}/calls`);
  await page.getByText('Nobody is on the phone at the moment.').waitFor();

  const call = await ann.dial('102');
  await bob.rings();
  await page.getByText('Ringing', { exact: true }).waitFor();
  const forwarded = await carol.rings({ within: 12_000 });
  await forwarded.answer();
  await call.answered();
  await page.getByText('Talking', { exact: true }).waitFor();
  expect(await window.barriers()).toEqual([]);

  // Why it rang there, while it lasts.
  await page.getByRole('link', { name: 'Details of the call of Ann (101) with Carol (103)' }).click();
  await page.getByText('The call was sent on from Bob (102) to Carol (103).').waitFor();
  await page.getByText('Nobody answered at Bob (102), where calls are forwarded then.').waitFor();
  await page.getByText('Carol (103) answered on Phone.').waitFor();
  const withWhom = page.getByRole('definition').filter({ hasText: 'Carol' });
  await withWhom.getByText('Phone', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Record the call of Ann (101) with Carol (103)' }).click();
  await page.getByText('Is being recorded', { exact: true }).waitFor();
  await hearEachOther(call, forwarded);
  await page.getByRole('button', { name: /^Stop recording/ }).click();
  // Its recording is there to be heard before it is over.
  await page.getByRole('group', { name: 'Recording of this call' }).waitFor();

  await page.getByRole('button', { name: /^Transfer the call/ }).click();
  const transfer = page.getByRole('dialog', { name: 'Transfer this call' });
  await transfer.getByLabel('To whom').fill('199');
  await transfer.getByRole('button', { name: 'Transfer' }).click();
  await transfer.getByText('This number leads nowhere.').waitFor();
  expect(await window.barriers()).toEqual([]);
  await transfer.getByLabel('To whom').fill('102');
  await transfer.getByRole('button', { name: 'Transfer' }).click();
  const taken = await bob.rings();
  await forwarded.ended();
  await taken.answer();
  await page.getByText('The call was transferred to Bob (102).').waitFor();
  await hearEachOther(call, taken);

  await page.getByRole('button', { name: 'Hang up the call of Ann (101) with Bob (102)' }).click();
  const dialog = page.getByRole('dialog', { name: 'Hang up this call?' });
  expect((await office.liveCalls()).length).toBe(1);
  await dialog.getByRole('button', { name: 'Hang up' }).click();
  await Promise.all([call.ended(), taken.ended()]);
  await page.getByText('Alice Johnson ended it from this page.').first().waitFor();
  expect(await window.barriers()).toEqual([]);

  // The table has what was chosen, and nothing else.
  const table = async (search: string) => {
    await page.goto(`/o/${office.slug}/calls?${search}`);
    const link = page.getByRole('link', { name: 'Download as CSV' });
    const answer = await page.request.get((await link.getAttribute('href'))!);
    return (await answer.text()).trim().split('\r\n').length - 1;
  };
  expect([await table('search=Ann&result=answered'), await table('direction=inbound')]).toEqual([1, 0]);
  expect(window.complaints).toEqual([]);
  await window.close();
});

test('a message appears in the open box; deleting it is undone, and then not', async ({ town }) => {
  const office = await town.office();
  const { ann } = await office.staff('ann', 'bob');
  await office.set('102', { forwardAlways: 'voicemail' });
  const window = await browsers.open({ width: 390, height: 844 });
  const { page } = window;
  await window.logIn(await browsers.person(office), `/o/${office.slug}/voicemail/102`);
  await page.getByText('No messages', { exact: true }).waitFor();

  const call = await ann.dial('102');
  await leaveTone(call);
  await call.hangUp();
  const message = page.getByRole('listitem', { name: /^Message of Ann \(101\)/ });
  await message.waitFor();
  expect(await window.barriers()).toEqual([]);
  // Seeking needs a part of it.
  const sound = await page.request.get((await message.locator('audio').getAttribute('src'))!, {
    headers: { range: 'bytes=0-43' },
  });
  expect(sound.status()).toBe(206);
  const download = page.waitForEvent('download');
  await message.getByRole('link', { name: /^Download/ }).click();
  expect((await download).suggestedFilename()).toMatch(/^Ann \(101\) \d{4}-\d\d-\d\d \d\d\.\d\d\.wav$/);

  await message.getByRole('button', { name: 'Mark as heard' }).click();
  await message.getByRole('button', { name: 'Mark as new' }).waitFor();
  await expect.poll(() => messagesOf(office, '102', 1)).toMatchObject([{ isSaved: true }]);

  await message.getByRole('button', { name: /^Delete/ }).click();
  await message.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await message.waitFor();
  await message.getByRole('button', { name: /^Delete/ }).click();
  await message.waitFor({ state: 'detached' });
  // Whoever leaves the page has meant it.
  await page.goto('about:blank');
  await messagesOf(office, '102', 0);
  expect(window.complaints).toEqual([]);
  await window.close();
});

test('figures follow the calls, as a chart and as a table', async ({ town }) => {
  const office = await town.office();
  const { ann, bob } = await office.staff('ann', 'bob');
  const { call, answered } = await talk(ann, '102', bob);
  await hangUp(call, answered);
  await office.records(1);
  const window = await browsers.open();
  const { page } = window;
  await window.logIn(await browsers.person(office), `/o/${office.slug}/statistics`);
  await page.getByRole('img', { name: 'Chart: Calls by day. The same is there as a table.' }).waitFor();
  await page.getByRole('row', { name: /^Bob \(102\) 0 1 0/ }).waitFor();
  expect(await window.barriers()).toEqual([]);
  const byDay = page.getByRole('region', { name: 'Calls by day' });
  await byDay.getByRole('button', { name: 'Show as table' }).click();
  const rows = byDay.getByRole('row');
  await eventually(async () => ((await rows.count()) === 8 ? true : undefined), {
    reason: () => 'the table has not seven days below its titles',
  });
  const answer = await page.request.get(
    (await page.getByRole('link', { name: 'Download as CSV' }).getAttribute('href'))!,
  );
  expect(answer.headers()['content-type']).toContain('text/csv');
  expect(window.complaints).toEqual([]);
  await window.close();
});
