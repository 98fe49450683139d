import { ApiProblem } from '@littlepbx/contract/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Edit, PAUSE } from './edit.ts';
import {
  allAnswered,
  allStored,
  countRefused,
  isAnythingOpen,
  NotStored,
  noteField,
  storing,
  type TypedField,
} from './typed-fields.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Fields of a page. Each request takes three seconds. */
function page() {
  const server = { stored: [] as string[], isAway: false, other: null as string | null };
  const field = (name: string, input: TypedField['input'] = { current: null }) => {
    const edit: Edit<string> = new Edit('', {
      async store(value) {
        await new Promise((resolve) => setTimeout(resolve, 3000));
        if (server.isAway) throw new ApiProblem({ id: 'unreachable', status: 0, detail: 'away' });
        if (server.other !== null) {
          const fields = [{ field: name, reason: 'stale', current: server.other }];
          throw new ApiProblem({ id: 'stale', status: 409, detail: 'stale', fields });
        }
        if (value === 'bad') throw new ApiProblem({ id: 'invalid', status: 400, detail: 'bad' });
        server.stored.push(`${name} ${value}`);
        return value;
      },
      told: String,
      onChange: () => noteField(typed),
    });
    const typed: TypedField = { name, edit, input };
    return edit;
  };
  /** Apply is pressed. */
  const press = () => {
    const pressed = { outcome: 'waits' };
    allStored().then(
      () => Object.assign(pressed, { outcome: 'applied' }),
      (error: unknown) => Object.assign(pressed, { outcome: error instanceof NotStored ? error.field.name : error }),
    );
    return pressed;
  };
  return { server, field, press };
}

it('who applies waits for what is on its way, for what was not sent yet, and for what is typed until then', async () => {
  const { server, field, press } = page();
  const [name, time] = [field('name'), field('time')];
  name.change('Ann');
  void name.send();
  time.change('30');
  const pressed = press();
  name.change('Anna');
  await vi.advanceTimersByTimeAsync(3100);
  expect([pressed.outcome, server.stored]).toEqual(['waits', ['name Ann', 'time 30']]);
  await vi.advanceTimersByTimeAsync(3100);
  expect([pressed.outcome, server.stored]).toEqual(['applied', ['name Ann', 'time 30', 'name Anna']]);
  expect([isAnythingOpen(), countRefused()]).toEqual([false, 0]);
});

it('what is refused on its way keeps the apply back; what was red before does not', async () => {
  const { field, press } = page();
  const [name, time] = [field('name'), field('time')];
  name.change('bad');
  const pressed = press();
  await vi.advanceTimersByTimeAsync(3100);
  expect([pressed.outcome, countRefused()]).toEqual(['name', 1]);

  time.change('30');
  const again = press();
  await vi.advanceTimersByTimeAsync(3100);
  expect([again.outcome, countRefused()]).toEqual(['applied', 1]);
  name.forget();
  expect(countRefused()).toBe(0);
});

it('of two values at one field one is chosen before an apply, unless the field is not shown any more', async () => {
  const { server, field, press } = page();
  const shown = { current: {} as HTMLInputElement | null };
  const name = field('name', shown);
  server.other = 'Eve';
  name.change('Ann');
  const pressed = press();
  await vi.advanceTimersByTimeAsync(3100);
  expect([pressed.outcome, name.torn?.theirs]).toEqual(['name', 'Eve']);
  const again = press();
  await vi.advanceTimersByTimeAsync(0);
  expect(again.outcome).toBe('name');

  shown.current = null;
  const withoutIt = press();
  await vi.advanceTimersByTimeAsync(0);
  expect(withoutIt.outcome).toBe('applied');
  name.settle('theirs');
  expect(isAnythingOpen()).toBe(false);
});

it('a correction that is typed while the refusal is on its way counts', async () => {
  const { server, field, press } = page();
  const name = field('name');
  name.change('bad');
  const pressed = press();
  await vi.advanceTimersByTimeAsync(PAUSE);
  name.change('Ann');
  await vi.advanceTimersByTimeAsync(6100);
  expect([pressed.outcome, server.stored]).toEqual(['applied', ['name Ann']]);
});

it('where nobody answers the apply does not wait for ever', async () => {
  const { server, field, press } = page();
  const name = field('name');
  server.isAway = true;
  name.change('Ann');
  const pressed = press();
  await vi.advanceTimersByTimeAsync(3100);
  expect([pressed.outcome, name.isOnItsWay]).toEqual(['name', true]);
  server.isAway = false;
  await vi.advanceTimersByTimeAsync(6000);
  expect(server.stored).toEqual(['name Ann']);
});

it('what takes changes back waits for all that is on its way, whatever becomes of it', async () => {
  const { server, field } = page();
  const [name, time] = [field('name'), field('time')];
  name.change('bad');
  time.change('30');
  let isOver = false;
  void allAnswered().then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(2900);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect([isOver, server.stored]).toEqual([true, ['time 30']]);
  name.forget();
});

it('a deletion that is on its way is waited for, and why it failed is told', async () => {
  const { press } = page();
  const later = (then: () => void) => new Promise<void>((resolve) => setTimeout(resolve, 3000)).then(then);
  void storing(later(() => {}));
  const pressed = press();
  await vi.advanceTimersByTimeAsync(2900);
  expect(pressed.outcome).toBe('waits');
  await vi.advanceTimersByTimeAsync(200);
  expect(pressed.outcome).toBe('applied');

  const gone = new Error('gone');
  storing(
    later(() => {
      throw gone;
    }),
  ).catch(() => {});
  const again = press();
  await vi.advanceTimersByTimeAsync(3100);
  expect(again.outcome).toBe(gone);
});
