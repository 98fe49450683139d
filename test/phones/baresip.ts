/**
 * baresip (https://github.com/baresip/baresip) as a phone that is not ours: real codecs (G.722, Opus), real SRTP. It
 * says a tone from a WAV file and records what it hears; both ends of its audio are checked with the same Goertzel.
 * Written for baresip 1.0, the version of Debian 12. Its libre 1.1 gives up ("Function not implemented") where SHA-256 is
 * offered, also behind MD5: its devices must be challenged with MD5 alone.
 */

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.ts';
import { freePort } from './free-port.ts';
import { hasTone, loudness, SILENCE, Sine, strongestTone } from './tones.ts';
import type { Protocol } from './transport.ts';
import { duration, eventually, PATIENCE, Signal } from './wait.ts';
import { formatWav, parseWav } from './wav.ts';

export type BaresipCodec = 'PCMU' | 'PCMA' | 'G722' | 'opus';

export interface BaresipOptions {
  name?: string;
  username: string;
  password?: string;
  server: string;
  port: number;
  transport?: Protocol;
  codecs?: readonly BaresipCodec[];
  /** What it says. Hz; 440. */
  tone?: number;
  /** SDES keys; on by default with TLS. */
  srtp?: boolean;
  /** Answer every call by itself. */
  autoAnswer?: boolean;
  /** Do not register (calls without a server). */
  isUnregistered?: boolean;
  /** Network namespace that it lives in, its address there, and where its control port is reached; else the loopback. */
  place?: { namespace: string; address: string; control: string };
}

export interface BaresipEvent {
  type: string;
  class?: string;
  direction?: string;
  peeruri?: string;
  peerdisplayname?: string;
  id?: string;
  param?: string;
}

const MODULES = [
  'account.so',
  'aufile.so',
  'aubridge.so',
  'sndfile.so',
  'srtp.so',
  'menu.so',
  'ctrl_tcp.so',
  'stdio.so',
];
const MODULE_OF: Record<BaresipCodec, string> = { PCMU: 'g711.so', PCMA: 'g711.so', G722: 'g722.so', opus: 'opus.so' };
const CODEC_NAME: Record<BaresipCodec, string> = {
  PCMU: 'PCMU/8000/1',
  PCMA: 'PCMA/8000/1',
  G722: 'G722/16000/1',
  opus: 'opus/48000/2',
};
/** aufile needs a file of the source's own rate; baresip's resampler takes 48 kHz to every codec's. */
const SOURCE_RATE = 48_000;
/** Seconds of tone; the file is played once. */
const SOURCE_LENGTH = 60;

export class Baresip {
  readonly name: string;
  readonly sipPort: number;
  readonly child: Child;
  readonly events: BaresipEvent[] = [];

  readonly #folder: string;
  readonly #signal = new Signal();
  #control!: Socket;
  #input = '';

  private constructor(name: string, sipPort: number, child: Child, folder: string) {
    this.name = name;
    this.sipPort = sipPort;
    this.child = child;
    this.#folder = folder;
  }

  /** Starts it and, unless told otherwise, waits until it is registered. */
  static async start(options: BaresipOptions): Promise<Baresip> {
    const folder = await mkdtemp(join(tmpdir(), 'littlepbx-baresip-'));
    await mkdir(join(folder, 'heard'));
    // SIP over TLS takes the port after it.
    const sipPort = await freePort(15_000, 15_900, 1);
    const controlPort = await freePort(15_902, 16_900);
    const samples = new Sine(options.tone ?? 440, 10_000, SOURCE_RATE).next(SOURCE_LENGTH * SOURCE_RATE);
    await writeFile(join(folder, 'says.wav'), formatWav({ rate: SOURCE_RATE, samples }));
    await writeFile(join(folder, 'config'), configText(options, folder, sipPort, controlPort));
    await writeFile(join(folder, 'accounts'), accountText(options));
    await writeFile(join(folder, 'contacts'), '');
    const name = options.name ?? options.username;
    const command = ['baresip', '-v', '-f', folder];
    const [program, ...args] = options.place ? ['ip', 'netns', 'exec', options.place.namespace, ...command] : command;
    const baresip = new Baresip(name, sipPort, new Child(`baresip ${name}`, program!, args), folder);
    try {
      await baresip.#connect(options.place?.control ?? '127.0.0.1', controlPort);
      if (!options.isUnregistered)
        // Its REGISTER_OK event is lost when it comes before the control connection.
        await baresip.child.prints(/200 OK .*\[\d+ bindings?\]/, { within: PATIENCE });
    } catch (error) {
      await baresip.close();
      throw error;
    }
    return baresip;
  }

  /** Calls a SIP URI or, registered, a number. */
  dial(target: string): void {
    this.command('dial', target);
  }

  answer(): void {
    this.command('accept');
  }

  hangUp(): void {
    this.command('hangup');
  }

  hold(): void {
    this.command('hold');
  }

  resume(): void {
    this.command('resume');
  }

  /** Presses one key. */
  press(digit: string): void {
    this.command('sndcode', digit);
  }

  /** Any command of baresip's menu. */
  command(command: string, params = ''): void {
    const json = JSON.stringify({ command, params, token: command });
    this.#control.write(`${Buffer.byteLength(json)}:${json},`);
  }

  /** Resolves with the first event of that type not asked for yet, e.g. `CALL_INCOMING`, `CALL_ESTABLISHED`. */
  event(type: string, { within = PATIENCE }: { within?: number } = {}): Promise<BaresipEvent> {
    return this.#signal.until(
      () => {
        const at = this.events.findIndex((event) => event.type === type);
        if (at >= 0) return this.events.splice(at, 1)[0];
        if (this.child.exitCode !== null) throw new Error(`${this.child.name} ended: ${this.child.tail()}`);
        return undefined;
      },
      () =>
        `${this.name}'s baresip had no ${type} within ${duration(within)}; ` +
        `events: ${this.events.map((event) => event.type).join(', ') || 'none'}; output: ${this.child.tail()}`,
      within,
    );
  }

  rings(options: { within?: number } = {}): Promise<BaresipEvent> {
    return this.event('CALL_INCOMING', options);
  }

  answered(options: { within?: number } = {}): Promise<BaresipEvent> {
    return this.event('CALL_ESTABLISHED', options);
  }

  /** `param` of the event is the reason. */
  ended(options: { within?: number } = {}): Promise<BaresipEvent> {
    return this.event('CALL_CLOSED', options);
  }

  /** Resolves when the newest 200 ms of its recording carry a tone of `hertz`. */
  async hears(hertz: number, { within = PATIENCE }: { within?: number } = {}): Promise<void> {
    let last = 'no recording';
    await eventually(
      async () => {
        const { rate, samples } = await this.heard();
        const newest = samples.subarray(-rate / 5);
        last = loudness(newest) > SILENCE ? `about ${strongestTone(newest, rate) ?? 'no'} Hz` : 'silence';
        return rate > 0 && newest.length >= rate / 5 && hasTone(newest, hertz, rate) ? true : undefined;
      },
      {
        within,
        reason: () =>
          `${this.name}'s baresip did not hear ${hertz} Hz within ${duration(within)}; it heard ${last}; ${this.child.tail()}`,
      },
    );
  }

  /** The recording of the newest call so far. */
  async heard(): Promise<{ rate: number; samples: Int16Array }> {
    const folder = join(this.#folder, 'heard');
    const files = (await readdir(folder)).filter((file) => file.endsWith('-dec.wav')).sort();
    const newest = files.at(-1);
    return newest === undefined
      ? { rate: 0, samples: new Int16Array() }
      : parseWav(await readFile(join(folder, newest)));
  }

  async close(): Promise<void> {
    this.#control?.destroy();
    await this.child.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #connect(host: string, port: number): Promise<void> {
    this.#control = await eventually(
      () =>
        new Promise<Socket | undefined>((resolve) => {
          if (this.child.exitCode !== null) throw new Error(`${this.child.name} ended: ${this.child.tail()}`);
          const socket = connect(port, host, () => resolve(socket));
          socket.once('error', () => resolve(undefined));
        }),
      { within: PATIENCE, reason: () => `${this.child.name} does not listen for commands: ${this.child.tail()}` },
    );
    this.#control.on('error', () => {});
    this.#control.setEncoding('utf8');
    this.#control.on('data', (data: string) => this.#read(data));
    this.child.ended({ within: 2 ** 31 - 1 }).then(
      () => this.#signal.changed(),
      () => {},
    );
  }

  /** Netstrings: `LENGTH:JSON,`. */
  #read(data: string): void {
    this.#input += data;
    for (;;) {
      const match = /^(\d+):/.exec(this.#input);
      if (!match) return;
      const start = match[0].length;
      const end = start + Number(match[1]);
      if (this.#input.length <= end) return;
      const message = JSON.parse(this.#input.slice(start, end)) as BaresipEvent & { event?: boolean };
      this.#input = this.#input.slice(end + 1);
      if (message.event) this.events.push(message);
      this.#signal.changed();
    }
  }
}

const configText = (options: BaresipOptions, folder: string, sipPort: number, controlPort: number): string => {
  const codecs = options.codecs ?? ['PCMU', 'PCMA'];
  const address = options.place?.address ?? '127.0.0.1';
  const modules = [...new Set([...codecs.map((codec) => MODULE_OF[codec]), ...MODULES])].filter(
    (name) => name !== 'stdio.so',
  );
  return [
    'poll_method epoll',
    `sip_listen ${address}:${sipPort}`,
    'call_local_timeout 120',
    'call_max_calls 4',
    'audio_player aubridge,nil',
    `audio_source aufile,${join(folder, 'says.wav')}`,
    'audio_alert aubridge,alert',
    `ausrc_srate ${SOURCE_RATE}`,
    'ausrc_channels 1',
    'ausrc_format s16',
    'auplay_format s16',
    'rtp_ports 16910-16990',
    'jitter_buffer_delay 1-5',
    `net_interface ${address}`,
    `ctrl_tcp_listen ${address}:${controlPort}`,
    `snd_path ${join(folder, 'heard')}`,
    'module_path /usr/lib/baresip/modules',
    ...modules
      .filter((name) => !['account.so', 'menu.so', 'ctrl_tcp.so'].includes(name))
      .map((name) => `module ${name}`),
    'module_app account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    '',
  ].join('\n');
};

const accountText = (options: BaresipOptions): string => {
  const { username, password, server, port, transport = 'udp', codecs = ['PCMU', 'PCMA'] } = options;
  const params = [
    ...(password === undefined ? [] : [`auth_pass=${password}`]),
    `audio_codecs=${codecs.map((codec) => CODEC_NAME[codec]).join(',')}`,
    `answermode=${options.autoAnswer ? 'auto' : 'manual'}`,
    ...((options.srtp ?? transport === 'tls') ? ['mediaenc=srtp-mand'] : []),
    options.isUnregistered ? 'regint=0' : 'regint=300',
  ];
  return `<sip:${username}@${server}:${port};transport=${transport}>;${params.join(';')}\n`;
};
