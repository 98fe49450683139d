/** What `/metrics` says, of which this page needs a little: lines of `name{label="value"} number`. */
import { send } from '../../app/api.ts';

export interface Sample {
  labels: Record<string, string>;
  value: number;
}

export type Metrics = ReadonlyMap<string, Sample[]>;

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

export function parseMetrics(text: string): Metrics {
  const metrics = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    const pairs = [...labels.matchAll(LABEL)].map(([, label, of]) => [label, of]);
    const sample = { labels: Object.fromEntries(pairs), value: Number(value) };
    metrics.set(name, [...(metrics.get(name) ?? []), sample]);
  }
  return metrics;
}

export async function readMetrics(): Promise<Metrics> {
  const response = await send('/metrics', { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`answered with status ${response.status}`);
  return parseMetrics(await response.text());
}

/** Of all its series; null: there is no such metric. */
export function sumOf(metrics: Metrics, name: string): number | null {
  const samples = metrics.get(name);
  return samples ? samples.reduce((sum, { value }) => sum + value, 0) : null;
}

export interface DiskRoom {
  /** What lies there; several when it is one disk. */
  names: string[];
  free: number;
  size: number;
}

export function disksOf(metrics: Metrics): DiskRoom[] {
  const sizes = metrics.get('littlepbx_disk_size_bytes') ?? [];
  const disks: DiskRoom[] = [];
  for (const { labels, value: free } of metrics.get('littlepbx_disk_free_bytes') ?? []) {
    const name = labels.of ?? '';
    const size = sizes.find((one) => one.labels.of === name)?.value ?? 0;
    // Read one after the other while others write.
    const same = disks.find((disk) => disk.size === size && Math.abs(disk.free - free) < size / 100);
    if (same) same.names.push(name);
    else disks.push({ names: [name], free, size });
  }
  return disks;
}
