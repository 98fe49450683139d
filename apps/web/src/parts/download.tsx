import { Button, type ButtonProps } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ComponentPropsWithRef } from 'react';

/** Stores what the API answers as a file. */
export function Download({ size = 'xs', ...props }: ButtonProps & ComponentPropsWithRef<'a'> & { href: string }) {
  return (
    <Button
      component="a"
      download
      variant="light"
      size={size}
      leftSection={<IconDownload size={size === 'xs' ? 16 : 18} aria-hidden />}
      {...props}
    />
  );
}
