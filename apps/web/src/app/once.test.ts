import { expect, it } from 'vitest';
import { once } from './once.ts';

/** A server that makes one thing per key, slowly, and whose answers may get lost. */
function shop() {
  const made = new Map<string, number>();
  const it = { requests: 0, isLost: false, status: 201, clock: 0, made };
  const ask = once(
    async (_input, init) => {
      it.requests += 1;
      const key = new Headers(init?.headers).get('idempotency-key') ?? `none ${it.requests}`;
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (it.status < 300 && !made.has(key)) made.set(key, made.size + 1);
      if (it.isLost) throw new TypeError('fetch failed');
      return Response.json({ number: made.get(key) ?? null }, { status: it.status });
    },
    () => it.clock,
  );
  const post = async (body: string) => (await ask('/extensions', { method: 'POST', body })).json();
  return Object.assign(it, { ask, post });
}

it('a double click makes one thing, and both clicks get the same answer', async () => {
  const t = shop();
  expect(await Promise.all([t.post('Ann'), t.post('Ann')])).toEqual([{ number: 1 }, { number: 1 }]);
  // The second click came after the answer to the first.
  t.clock += 300;
  expect(await t.post('Ann')).toEqual({ number: 1 });
  expect(t.requests).toBe(1);
});

it('the same again is a new thing after a moment, or when something else was done between', async () => {
  const t = shop();
  await t.post('Ann');
  t.clock += 2000;
  await t.post('Ann');
  await t.ask('/extensions/1', { method: 'DELETE' });
  await t.post('Ann');
  await t.post('Bob');
  await t.post('Ann');
  expect(t.made.size).toBe(6);
});

it('what nobody answered is asked for again under the same key, and what was refused under a new one', async () => {
  const t = shop();
  t.isLost = true;
  await expect(t.post('Ann')).rejects.toThrow('fetch failed');
  t.isLost = false;
  t.clock += 60_000;
  expect(await t.post('Ann')).toEqual({ number: 1 });
  t.clock += 2000;
  t.status = 409;
  await t.post('Ann');
  t.status = 201;
  expect(await t.post('Ann')).toEqual({ number: 2 });
});
