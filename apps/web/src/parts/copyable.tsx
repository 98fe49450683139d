import { Code, Group } from '@mantine/core';
import { useRef } from 'react';
import { CopyIcon } from './copying.tsx';

/** A text to be taken elsewhere, with a button that copies it. @param name what it is, for whoever hears the button */
export function Copyable({ value, name }: { value: string; name: string }) {
  const shown = useRef<HTMLElement>(null);
  return (
    <Group gap={4} wrap="nowrap" miw={0}>
      <Code ref={shown} fz="sm" style={{ overflowWrap: 'anywhere' }}>
        {value}
      </Code>
      <CopyIcon value={value} name={name} shown={shown} />
    </Group>
  );
}
