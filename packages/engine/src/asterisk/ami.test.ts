import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Ami, AmiError, type AmiMessage, amiParser, printAction } from './ami.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A manager that logs everybody in and leaves the other actions to the test. */
async function manager(onAction: (action: AmiMessage, socket: Socket) => void): Promise<{ ami: Ami; server: Server }> {
  const server = createServer((socket) => {
    socket.setEncoding('utf8');
    socket.write('Asterisk Call Manager/11.0.0\r\n');
    socket.on(
      'data',
      amiParser((action) => {
        if (action.Action === 'Login') socket.write(`Response: Success\r\nActionID: ${action.ActionID}\r\n\r\n`);
        else onAction(action, socket);
      }),
    );
    closers.push(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const ami = new Ami({ host: '127.0.0.1', port, user: 'u', password: 'p' });
  closers.push(
    () => ami.close(),
    () => server.close(),
  );
  return { ami, server };
}

describe('Ami', () => {
  test('an answer goes to its own action, in any order', async () => {
    const seen: AmiMessage[] = [];
    const { ami } = await manager((action, socket) => {
      seen.push(action);
      if (seen.length < 2) return;
      for (const one of seen.toReversed()) {
        socket.write(`Response: Success\r\nActionID: ${one.ActionID}\r\nMessage: to ${one.Action}\r\n\r\n`);
      }
    });
    const replies = await Promise.all([ami.action('A'), ami.action('B')]);
    expect(replies.map(({ response }) => response.Message)).toEqual(['to A', 'to B']);
  });

  test('a list is complete when its last event says so', async () => {
    const { ami } = await manager(({ ActionID }, socket) => {
      socket.write(`Response: Success\r\nActionID: ${ActionID}\r\nEventList: start\r\n\r\n`);
      socket.write(`Event: Item\r\nActionID: ${ActionID}\r\nKey: 1\r\n\r\n`);
      socket.write(`Event: ItemsComplete\r\nActionID: ${ActionID}\r\nEventList: Complete\r\n\r\n`);
    });
    const { events } = await ami.action('List');
    expect(events.map((event) => event.Key)).toEqual(['1']);
  });

  test('a lost connection settles what is pending, and the next action connects again', async () => {
    let isFirst = true;
    const { ami } = await manager(({ ActionID }, socket) => {
      if (isFirst) socket.destroy();
      else socket.write(`Response: Success\r\nActionID: ${ActionID}\r\n\r\n`);
      isFirst = false;
    });
    await expect(ami.action('A')).rejects.toThrow(AmiError);
    await expect(ami.action('B')).resolves.toMatchObject({ response: { Response: 'Success' } });
  });

  test('closing settles what is pending', async () => {
    const { ami } = await manager(() => ami.close());
    await expect(ami.action('A')).rejects.toThrow('AMI client is closed');
    await expect(ami.action('B')).rejects.toThrow('AMI client is closed');
  });
});

test('a value cannot bring a line of its own', () => {
  expect(() => printAction({ Action: 'DBDel', Key: 'x\r\nAction: Command' })).toThrow(AmiError);
});

test('messages may be cut anywhere', () => {
  const text = 'Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nMessage: a: b\r\n\r\nEvent: E\r\nKey: \r\n\r\n';
  for (let cut = 0; cut < text.length; cut++) {
    const messages: AmiMessage[] = [];
    const parse = amiParser((message) => messages.push(message));
    parse(text.slice(0, cut));
    parse(text.slice(cut));
    expect(messages).toEqual([
      { Response: 'Success', Message: 'a: b' },
      { Event: 'E', Key: '' },
    ]);
  }
});
