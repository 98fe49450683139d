/** Bars of what became of calls. ECharts is read with the first chart, and of it only what is drawn. */
import { useComputedColorScheme } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type ECharts, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type Counts, OUTCOMES, type Outcome } from './data.ts';

use([BarChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** Told apart by people who do not see red from green, too: they differ in lightness. */
const COLORS: Record<Outcome, { light: string; dark: string }> = {
  answered: { light: '#0ca678', dark: '#20c997' },
  voicemail: { light: '#4dabf7', dark: '#74c0fc' },
  missed: { light: '#f08c00', dark: '#ffa94d' },
  abandoned: { light: '#868e96', dark: '#909296' },
  failed: { light: '#c92a2a', dark: '#e03131' },
};

/** The legend needs several lines below this. Pixels. */
const NARROW = 560;

interface ChartProps {
  label: string;
  names: string[];
  counts: Pick<Counts, Outcome>[];
  height?: number;
}

export default function Chart({ label, names, counts, height = 260 }: ChartProps) {
  const { t } = useTranslation('statistics');
  const scheme = useComputedColorScheme('light');
  const isStill = useReducedMotion();
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts>(null);
  useEffect(() => {
    const drawn = init(frame.current!);
    chart.current = drawn;
    const sizes = new ResizeObserver(() => drawn.resize());
    sizes.observe(frame.current!);
    return () => {
      sizes.disconnect();
      drawn.dispose();
    };
  }, []);
  useEffect(() => {
    const isNarrow = frame.current!.clientWidth < NARROW;
    const [text, line, ground] =
      scheme === 'dark' ? ['#c9c9c9', '#424242', '#2e2e2e'] : ['#495057', '#dee2e6', '#ffffff'];
    chart.current?.setOption(
      {
        animation: !isStill,
        animationDuration: 300,
        textStyle: { fontFamily: 'inherit' },
        color: OUTCOMES.map((outcome) => COLORS[outcome][scheme]),
        grid: { left: 8, right: 8, top: isNarrow ? 76 : 40, bottom: 4, containLabel: true },
        legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: text } },
        tooltip: {
          trigger: 'axis',
          axisPointer: { type: 'shadow' },
          backgroundColor: ground,
          borderColor: line,
          textStyle: { color: text },
        },
        xAxis: {
          type: 'category',
          data: names,
          axisLabel: { color: text, hideOverlap: true },
          axisLine: { lineStyle: { color: line } },
          axisTick: { show: false },
        },
        yAxis: {
          type: 'value',
          minInterval: 1,
          axisLabel: { color: text },
          splitLine: { lineStyle: { color: line } },
        },
        series: OUTCOMES.map((outcome) => ({
          type: 'bar',
          stack: 'calls',
          name: t(`outcomes.${outcome}`),
          barMaxWidth: 36,
          data: counts.map((count) => count[outcome]),
        })),
      },
      { notMerge: true },
    );
  }, [scheme, isStill, names, counts, t]);
  // What it shows stands in a table beside it.
  return <div ref={frame} role="img" aria-label={label} style={{ width: '100%', height }} />;
}
