import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AmiError, type AmiMessage, type AmiReply } from './ami.ts';
import { ObjectCaches } from './object-caches.ts';

class Engine {
  isAway = false;
  isHung = false;
  heard: string[] = [];

  action(name: string, { Cache, Object: id }: AmiMessage = {}): Promise<AmiReply> {
    if (this.isAway) return Promise.reject(new AmiError('AMI connection failed'));
    if (this.isHung) return new Promise(() => {});
    this.heard.push(id ? `${Cache} ${id}` : `${Cache}`);
    return Promise.resolve({ response: { Response: name.endsWith('Object') ? 'Error' : 'Success' }, events: [] });
  }
}

const warn = vi.fn();
let engine: Engine;
let caches: ObjectCaches;
beforeEach(() => {
  vi.useFakeTimers();
  warn.mockClear();
  engine = new Engine();
  caches = new ObjectCaches(engine, warn);
});
afterEach(() => {
  caches.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test('a changed device is expired before the change is done, and once more for who read it a moment too early', async () => {
  await caches.expire([{ cache: 'endpoint', id: 'ann1' }]);
  expect(engine.heard).toEqual(['endpoint ann1']);
  await vi.advanceTimersByTimeAsync(600);
  expect(engine.heard).toEqual(['endpoint ann1', 'endpoint ann1']);
});

test('nothing that is cached changed: the engine hears nothing', async () => {
  await caches.expire([]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(engine.heard).toEqual([]);
});

test('the engine was away: everything is expired when it is back, with one warning', async () => {
  engine.isAway = true;
  await caches.expire([{ cache: 'auth', id: 'ann1' }]);
  await caches.expire([{ cache: 'auth', id: 'bob1' }]);
  await vi.advanceTimersByTimeAsync(800);
  engine.isAway = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(engine.heard).toEqual(expect.arrayContaining(['endpoint', 'auth', 'aor']));
  expect(warn).toHaveBeenCalledTimes(1);
});

test('an engine that does not answer holds a change up for one second', async () => {
  engine.isHung = true;
  const done = vi.fn();
  void caches.expire([{ cache: 'aor', id: 'ann1' }]).then(done);
  await vi.advanceTimersByTimeAsync(990);
  expect(done).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(20);
  expect(done).toHaveBeenCalled();
});

test('a great change empties the caches instead of naming each object', async () => {
  const objects = Array.from({ length: 1000 }, (_, i) => ({ cache: 'endpoint' as const, id: `device${i}` }));
  await caches.expire(objects);
  expect(engine.heard).toEqual(['endpoint', 'auth', 'aor']);
});
