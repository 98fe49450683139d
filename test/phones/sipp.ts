/** SIPp as phone or carrier (https://sipp.readthedocs.io): load, and a second opinion on our SIP. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.ts';
import { freePort } from './free-port.ts';
import type { Peer } from './transport.ts';

/**
 * register: REGISTER with digest. call: INVITE with digest, talks for `talkMs`, BYE. trunk-call: the same without digest.
 * answer: rings, answers, waits for BYE. busy: 486. no-answer: rings until CANCEL. carrier: as answer, and logs the DID.
 */
export type SippScenario = 'register' | 'call' | 'trunk-call' | 'answer' | 'busy' | 'no-answer' | 'carrier';

export interface SippOptions {
  scenario: SippScenario | { file: string };
  /** The server under test; needed by those that call. */
  target?: Peer;
  /** Number dialled, or account registered (`-s`). */
  number?: string;
  username?: string;
  password?: string;
  /** SIP and RTP ports; random when absent. */
  port?: number;
  rtpPort?: number;
  /** Only UDP and TCP: Debian's SIPp is built without TLS. */
  transport?: 'udp' | 'tcp';
  /** Calls in all; 1. */
  calls?: number;
  /** New calls per second; 1. */
  rate?: number;
  /** How long `call` talks. Milliseconds; 1000. */
  talkMs?: number;
  /** Send received RTP back; true when absent. */
  echoesRtp?: boolean;
  /** Host part of the caller's URIs. */
  domain?: string;
  args?: readonly string[];
}

export class Sipp {
  readonly port: number;
  readonly child: Child;
  readonly #folder: string;

  private constructor(port: number, child: Child, folder: string) {
    this.port = port;
    this.child = child;
    this.#folder = folder;
  }

  static async start(options: SippOptions): Promise<Sipp> {
    const { scenario, target, transport = 'udp', calls = 1 } = options;
    const folder = await mkdtemp(join(tmpdir(), 'littlepbx-sipp-'));
    const file = typeof scenario === 'string' ? join(import.meta.dirname, 'sipp', `${scenario}.xml`) : scenario.file;
    const port = options.port ?? (await freePort(17_000, 18_998));
    const rtpPort = options.rtpPort ?? (await freePort(19_000, 20_900, 3));
    const name = typeof scenario === 'string' ? scenario : scenario.file;
    const args = [
      ...(target ? [`${target.host}:${target.port}`] : []),
      ...['-sf', file, '-i', '127.0.0.1', '-p', String(port), '-mi', '127.0.0.1', '-mp', String(rtpPort)],
      ...['-m', String(calls), '-r', String(options.rate ?? 1), '-d', String(options.talkMs ?? 1000)],
      ...['-t', transport === 'udp' ? 'u1' : 't1', '-nostdin'],
      ...['-trace_err', '-error_file', join(folder, 'errors'), '-trace_logs', '-log_file', join(folder, 'log')],
      ...(options.echoesRtp === false ? [] : ['-rtp_echo']),
      ...(options.number === undefined ? [] : ['-s', options.number]),
      ...(options.username === undefined ? [] : ['-au', options.username, '-key', 'user', options.username]),
      ...(options.password === undefined ? [] : ['-ap', options.password]),
      ...['-key', 'domain', options.domain ?? target?.host ?? '127.0.0.1'],
      ...(options.args ?? []),
    ];
    return new Sipp(port, new Child(`sipp ${name}`, 'sipp', args, { cwd: folder }), folder);
  }

  /** Resolves when all calls went as the scenario says; else rejects with what SIPp did not expect. */
  async succeeds({ within = 20_000 }: { within?: number } = {}): Promise<void> {
    const code = await this.child.ended({ within });
    if (code !== 0) {
      const errors = await this.#read('errors');
      throw new Error(`${this.child.name} ended with ${code}: ${errors.slice(0, 2000) || this.child.tail()}`);
    }
  }

  /** Lines of the scenario's `<log>` actions. */
  async log(): Promise<string[]> {
    return (await this.#read('log')).split('\n').filter(Boolean);
  }

  async stop(): Promise<void> {
    await this.child.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #read(name: string): Promise<string> {
    return readFile(join(this.#folder, name), 'utf8').catch(() => '');
  }
}
