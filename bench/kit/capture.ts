/**
 * Times of SIP transactions by the kernel's clock, from a packet capture of the generator's port. sipp's own clock steps
 * in 4 ms, which is as long as what is to be measured.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** When the messages of one call (or registration) passed; milliseconds, by the first of each kind. */
export interface CallTimes {
  /** The first request. */
  invite: number;
  /** With credentials, after the challenge. */
  secondInvite: number | null;
  ringing: number | null;
  answer: number | null;
  refused: number | null;
}

export interface Capture {
  /** Calls whose first INVITE was seen, in that order. */
  stop(): Promise<CallTimes[]>;
}

/** Begins to listen. @param port UDP port of the callers */
export async function startCapture(port: number): Promise<Capture> {
  const folder = mkdtempSync(join(tmpdir(), 'littlepbx-bench-capture-'));
  const file = join(folder, 'sip.pcap');
  const child = spawn(
    'taskset',
    // -P: plain pcap, whose format is 24 bytes of header and a list. Buffer in MiB.
    [
      ...['-c', String(availableParallelism() - 1), 'dumpcap'],
      ...['-q', '-P', '-B', '32', '-i', 'lo', '-f', `udp port ${port}`, '-w', file],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  const gone = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (text: Buffer) => {
      said += text;
      if (said.includes('File:')) resolve();
    });
    gone.then(() => reject(new Error(`dumpcap ended: ${said}`)), reject);
  });
  return {
    async stop() {
      // What it has not yet written would be lost.
      await sleep(300);
      child.kill('SIGINT');
      await gone;
      const times = readCalls(readFileSync(file));
      rmSync(folder, { recursive: true, force: true });
      const dropped = /dropped on interface[^:]*: \d+\/(\d+)/.exec(said)?.[1];
      if (dropped && dropped !== '0') throw new Error(`the capture missed ${dropped} packets`);
      return times;
    },
  };
}

const PCAP_HEADER = 24;
const ETHERNET = 14;
const UDP = 8;

/** https://www.ietf.org/archive/id/draft-gharris-opsawg-pcap-01.html */
function readCalls(pcap: Buffer): CallTimes[] {
  const scale = pcap.readUInt32LE(0) === 0xa1b23c4d ? 1e-6 : 1e-3;
  const calls = new Map<string, CallTimes>();
  for (let at = PCAP_HEADER; at + 16 <= pcap.length; ) {
    const time = pcap.readUInt32LE(at) * 1000 + pcap.readUInt32LE(at + 4) * scale;
    const length = pcap.readUInt32LE(at + 8);
    const start = at + 16 + ETHERNET;
    const text = pcap.toString('latin1', start + ((pcap[start] ?? 0) & 15) * 4 + UDP, at + 16 + length);
    at += 16 + length;
    const isInvite = /^(INVITE|REGISTER) /.test(text);
    const status = /^SIP\/2\.0 (180|200|503) /.exec(text)?.[1];
    if (!(isInvite || status)) continue;
    const id = /^Call-ID: *(\S+)/im.exec(text)?.[1];
    if (id === undefined || !/^CSeq: *\d+ (INVITE|REGISTER)/im.test(text)) continue;
    const call = calls.get(id);
    if (isInvite && !call) {
      calls.set(id, { invite: time, secondInvite: null, ringing: null, answer: null, refused: null });
    } else if (isInvite && call && /^(?:Proxy-)?Authorization:/im.test(text)) call.secondInvite ??= time;
    else if (call && status === '180') call.ringing ??= time;
    else if (call && status === '200') call.answer ??= time;
    else if (call && status === '503') call.refused ??= time;
  }
  return [...calls.values()];
}
