import { describe, expect, it } from 'vitest';
import { disksOf, parseMetrics, sumOf } from './metrics.ts';

const TEXT = `# TYPE littlepbx_calls_in_setup gauge
littlepbx_calls_in_setup 2
littlepbx_engine_queue_tasks{queue="pjsip/\\"default\\""} 1
littlepbx_engine_queue_tasks{queue="stasis"} 4
littlepbx_disk_free_bytes{of="brain"} 50
littlepbx_disk_free_bytes{of="sounds"} 49.5
littlepbx_disk_free_bytes{of="backups"} 7
littlepbx_disk_size_bytes{of="brain"} 100
littlepbx_disk_size_bytes{of="sounds"} 100
littlepbx_disk_size_bytes{of="backups"} 1e3
`;

describe('what the page reads of /metrics', () => {
  const metrics = parseMetrics(TEXT);

  it('reads values with and without labels, and nothing of what is not there', () => {
    expect(sumOf(metrics, 'littlepbx_calls_in_setup')).toBe(2);
    expect(sumOf(metrics, 'littlepbx_engine_queue_tasks')).toBe(5);
    expect(metrics.get('littlepbx_engine_queue_tasks')?.[0]?.labels.queue).toContain('default');
    expect(sumOf(metrics, 'littlepbx_nothing')).toBeNull();
  });

  it('tells of one disk once', () => {
    expect(disksOf(metrics)).toEqual([
      { names: ['brain', 'sounds'], free: 50, size: 100 },
      { names: ['backups'], free: 7, size: 1000 },
    ]);
  });
});
