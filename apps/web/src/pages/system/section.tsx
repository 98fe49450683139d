import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A part of the page under a title of its own. */
export function Section({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <Stack gap="sm" component="section" aria-label={title}>
      <div>
        <Title order={2} size="h4">
          {title}
        </Title>
        {text !== undefined && (
          <Text size="sm" c="dimmed" maw={760}>
            {text}
          </Text>
        )}
      </div>
      {children}
    </Stack>
  );
}
