import { Paper, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface ChartProps {
  label: string;
  /** Oldest first. */
  points: readonly number[];
  write(value: number): string;
  /** A line across, where it begins to be bad. */
  threshold?: number;
}

const WIDTH = 300;
const HEIGHT = 60;

/** How a number went since the page was opened. */
export function Chart({ label, points, write, threshold }: ChartProps) {
  const { t } = useTranslation('system');
  const most = Math.max(...points, 0);
  const now = points.at(-1) ?? 0;
  const top = Math.max(most, 1e-9);
  const y = (value: number) => HEIGHT - (value / top) * (HEIGHT - 4) - 2;
  const x = (i: number) => (points.length < 2 ? WIDTH : (i / (points.length - 1)) * WIDTH);
  const stroke = { fill: 'none', vectorEffect: 'non-scaling-stroke' } as const;
  return (
    <Paper p="sm">
      <Text size="sm" fw={500}>
        {label}
      </Text>
      <Text size="xl" fw={700}>
        {write(now)}
      </Text>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        width="100%"
        height={HEIGHT}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('charts.described', { label, now: write(now), most: write(most) })}
      >
        {threshold !== undefined && threshold < top && (
          <path
            {...stroke}
            d={`M0 ${y(threshold)}H${WIDTH}`}
            stroke="var(--mantine-color-red-6)"
            strokeDasharray="4 4"
          />
        )}
        <polyline
          {...stroke}
          points={points.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}
          stroke="var(--mantine-primary-color-filled)"
          strokeWidth={2}
        />
      </svg>
      <Text size="xs" c="dimmed">
        {t('charts.most', { most: write(most) })}
      </Text>
    </Paper>
  );
}
