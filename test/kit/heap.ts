/** What a Node process keeps once its garbage is collected. What it holds of the system's memory says little: V8 collects late. */
import { eventually } from '../phones/index.ts';

/** Where Node listens after SIGUSR1 (https://nodejs.org/api/process.html#signal-events); on loopback. */
const INSPECTOR = 'http://127.0.0.1:9229/json/list';

interface Reply {
  id?: number;
  result?: { result?: { value?: unknown } };
}

export class Heap {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply;
      if (reply.id !== undefined) this.#waiting.get(reply.id)?.(reply);
    });
  }

  /** Opens the inspector of a process, of which the machine can have one at a time. */
  static async of(pid: number): Promise<Heap> {
    process.kill(pid, 'SIGUSR1');
    const [{ webSocketDebuggerUrl }] = await eventually(
      async () => (await (await fetch(INSPECTOR)).json()) as [{ webSocketDebuggerUrl: string }],
      { reason: () => `process ${pid} has opened no inspector` },
    );
    const socket = new WebSocket(webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error('the inspector takes nobody')));
    });
    const heap = new Heap(socket);
    const found = await heap.#evaluate('process.pid');
    if (found !== pid) throw new Error(`the inspector is of process ${found}, not ${pid}`);
    return heap;
  }

  /** MB. */
  async live(): Promise<number> {
    await this.#send('HeapProfiler.collectGarbage');
    const bytes = await this.#evaluate('process.memoryUsage().heapUsed + process.memoryUsage().external');
    return Number(bytes) / 1024 / 1024;
  }

  close(): void {
    this.#socket.close();
  }

  async #evaluate(expression: string): Promise<unknown> {
    return (await this.#send('Runtime.evaluate', { expression })).result?.result?.value;
  }

  #send(method: string, params = {}): Promise<Reply> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(id, (reply) => {
        this.#waiting.delete(id);
        resolve(reply);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
