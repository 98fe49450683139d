import { ApiProblem } from '@littlepbx/contract/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Edit, PAUSE } from './edit.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A field of a server, and people who look at it. Each request takes 50 ms. */
function office(value: string) {
  const server = { value, by: '', isAway: false };
  const people: { name: string; edit: Edit<string>; taken: string[] }[] = [];
  const store = async (name: string, next: string, was: string) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (server.isAway) throw new ApiProblem({ id: 'unreachable', status: 0, detail: 'away' });
    if (next === 'bad') throw new ApiProblem({ id: 'invalid', status: 400, detail: 'bad' });
    if (server.value !== was && server.value !== next) {
      const changedBy = { kind: 'person', id: server.by, name: server.by };
      const fields = [{ field: 'name', reason: 'stale', current: server.value, changedBy, changedAt: 1 }];
      throw new ApiProblem({ id: 'stale', status: 409, detail: 'stale', fields });
    }
    Object.assign(server, { value: next.trim(), by: name });
    return server.value;
  };
  const person = (name: string) => {
    const taken: string[] = [];
    const edit = new Edit(server.value, {
      store: (next, was) => store(name, next, was),
      told: String,
      onChange() {},
      onTaken: (next, was) => taken.push(`${was} → ${next}`),
    });
    people.push({ name, edit, taken });
    return { edit, taken };
  };
  /** Everybody hears of what is stored. */
  const tell = () => {
    for (const { edit } of people) edit.read(server.value);
  };
  return { server, person, tell };
}

it('of two who type at once, the second keeps both texts until it has chosen its own', async () => {
  const { server, person, tell } = office('Ann');
  const [bob, eve] = [person('bob'), person('eve')];
  bob.edit.change('Anna');
  await vi.advanceTimersByTimeAsync(100);
  eve.edit.change('Anne');
  await vi.advanceTimersByTimeAsync(2 * PAUSE);
  tell();
  expect(server.value).toBe('Anna');
  expect(eve.edit.torn).toEqual({ mine: 'Anne', theirs: 'Anna', by: 'bob', at: 1 });
  expect(eve.edit.value).toBe('Anne');
  expect(eve.edit.isOpen).toBe(true);

  // Neither typing on, nor Escape, nor leaving the field chooses.
  eve.edit.change('Annette');
  eve.edit.forget();
  await eve.edit.send();
  await vi.advanceTimersByTimeAsync(2 * PAUSE);
  expect(server.value).toBe('Anna');
  eve.edit.settle('mine');
  await vi.advanceTimersByTimeAsync(100);
  tell();
  expect([server.value, bob.edit.value, eve.edit.value]).toEqual(['Annette', 'Annette', 'Annette']);
  expect(eve.taken).toEqual(['Anna → Annette']);
  expect(eve.edit.isOpen).toBe(false);
});

it('theirs is taken without a request, and is where the next typing begins', async () => {
  const { server, person } = office('Ann');
  const [bob, eve] = [person('bob'), person('eve')];
  bob.edit.change('Anna');
  eve.edit.change('Anne');
  await vi.advanceTimersByTimeAsync(2 * PAUSE);
  eve.edit.settle('theirs');
  expect(eve.edit.value).toBe('Anna');
  eve.edit.change('Anna Lee');
  await vi.advanceTimersByTimeAsync(2 * PAUSE);
  expect(server.value).toBe('Anna Lee');
  expect(eve.edit.torn).toBeNull();
});

it('what somebody else stores between a refusal and its correction is not overwritten unseen', async () => {
  const { server, person, tell } = office('Ann');
  const [bob, eve] = [person('bob'), person('eve')];
  eve.edit.change('bad');
  await vi.advanceTimersByTimeAsync(2 * PAUSE);
  expect([eve.edit.value, eve.edit.failure]).toMatchObject(['bad', { id: 'invalid' }]);
  bob.edit.change('Anna');
  await vi.advanceTimersByTimeAsync(2 * PAUSE);
  tell();
  eve.edit.change('good');
  await vi.advanceTimersByTimeAsync(2 * PAUSE);
  expect(server.value).toBe('Anna');
  expect(eve.edit.torn).toMatchObject({ mine: 'good', theirs: 'Anna' });
});

it('typing on while a text is on its way is no conflict with oneself, before the list was read anew or after', async () => {
  const { server, person, tell } = office('Ann');
  const { edit, taken } = person('bob');
  edit.change('Anna ');
  await vi.advanceTimersByTimeAsync(PAUSE + 10);
  edit.change('Anna L');
  await vi.advanceTimersByTimeAsync(2 * PAUSE);
  edit.change('Anna Le');
  await vi.advanceTimersByTimeAsync(2 * PAUSE);
  tell();
  edit.change('Anna Lee');
  await vi.advanceTimersByTimeAsync(2 * PAUSE);
  expect(server.value).toBe('Anna Lee');
  expect(edit.torn).toBeNull();
  expect(taken).toEqual(['Ann → Anna', 'Anna → Anna L', 'Anna L → Anna Le', 'Anna Le → Anna Lee']);
});

it('what nobody answers is sent again until somebody does, with what was typed meanwhile', async () => {
  const { server, person } = office('Ann');
  const { edit } = person('bob');
  server.isAway = true;
  edit.change('Anna');
  await vi.advanceTimersByTimeAsync(10_000);
  edit.change('Anne');
  await vi.advanceTimersByTimeAsync(10_000);
  expect([edit.value, edit.isOpen, server.value]).toEqual(['Anne', true, 'Ann']);
  server.isAway = false;
  await vi.advanceTimersByTimeAsync(2_500);
  expect([edit.value, edit.isOpen, server.value, edit.failure]).toEqual(['Anne', false, 'Anne', null]);
});

it('Escape takes back what is not stored, and a refusal that comes after it says nothing', async () => {
  const { server, person } = office('Ann');
  const { edit } = person('bob');
  edit.change('bad');
  void edit.send();
  edit.forget();
  await vi.advanceTimersByTimeAsync(2 * PAUSE);
  expect([edit.value, edit.failure, server.value, edit.isOpen]).toEqual(['Ann', null, 'Ann', false]);
});
