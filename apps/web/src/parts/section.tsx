import { Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface SectionProps {
  title: string;
  /** What it is about. */
  text?: string;
  children: ReactNode;
}

/** Title of a part of a page, and what it is about. */
export function SectionHead({ title, text, maw }: Omit<SectionProps, 'children'> & { maw?: number }) {
  return (
    <div>
      <Title order={2} size="h4">
        {title}
      </Title>
      {text !== undefined && (
        <Text size="sm" c="dimmed" {...(maw === undefined ? {} : { maw })}>
          {text}
        </Text>
      )}
    </div>
  );
}

/** A part of a page on a sheet of its own. */
export function Section({ children, ...head }: SectionProps) {
  return (
    <Paper p="md" component="section" aria-label={head.title}>
      <Stack>
        <SectionHead {...head} />
        {children}
      </Stack>
    </Paper>
  );
}
