import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';

/** What a figure depends on; nothing that tells whose machine it is. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryInGb: number;
  kernel: string;
  /** Frequency governor; null where the kernel shows none, as in virtual machines. */
  governor: string | null;
  versions: Record<string, string>;
}

export function describeMachine(versions: Record<string, string>): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryInGb: Math.round(totalmem() / 1e9),
    kernel: release().replace(/^(\d+\.\d+).*/, '$1'),
    governor: readOrNull('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
    versions: { node: process.versions.node, ...versions },
  };
}

/** For a file name: `2x-amd-epyc`. */
export function slugOf(machine: Machine): string {
  const cpu = machine.cpu
    .replace(/\((?:R|TM)\)|CPU|Processor|@.*$/gi, ' ')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `${machine.cores}x-${cpu}`;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
