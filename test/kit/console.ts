import { connect } from 'node:net';

/**
 * Asterisk's command line by its control socket, as `asterisk -rx` does it. Only for tests and bench: the product speaks
 * ARI and AMI.
 */
export class EngineConsole {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** What the command printed. @param patience milliseconds */
  run(command: string, patience = 60_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#socket);
      let output = '';
      let isSent = false;
      const done = (error?: Error) => {
        clearTimeout(late);
        socket.destroy();
        if (error) reject(error);
        else resolve(output);
      };
      const late = setTimeout(() => done(new Error(`no end of '${command}' within ${patience} ms`)), patience);
      socket.setEncoding('utf8');
      socket.on('error', done);
      socket.on('close', () => done());
      socket.on('data', (text: string) => {
        if (isSent) {
          output += text;
          return;
        }
        // The first line greets with host name and version; a command sent before it is lost.
        isSent = true;
        socket.write(`cli quit after ${command}\0`);
      });
    });
  }

  /** Channels and bridges that exist now. */
  async leftovers(): Promise<{ channels: number; bridges: number }> {
    const channels = /^(\d+) active channel/m.exec(await this.run('core show channels count'))?.[1];
    const bridges = (await this.run('bridge show all')).split('\n').filter((line) => /^[0-9a-z]+-[0-9a-f]/.test(line));
    return { channels: Number(channels ?? Number.NaN), bridges: bridges.length };
  }
}
