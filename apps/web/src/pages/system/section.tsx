import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { SectionHead } from '../../parts/section.tsx';

/** A part of the page under a title of its own. */
export function Section({ children, ...head }: { title: string; text?: string; children: ReactNode }) {
  return (
    <Stack gap="sm" component="section" aria-label={head.title}>
      <SectionHead {...head} maw={760} />
      {children}
    </Stack>
  );
}
