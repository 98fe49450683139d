import { Button, FileButton } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { tellFailure } from './failure.tsx';

/** As the API takes them. Bytes. */
const LARGEST = 64 * 1024 * 1024;

interface SoundUploadProps {
  label: string;
  size?: 'xs' | 'sm';
  isPending: boolean;
  onSound(sound: File): void;
}

/** What a file is called here: without what no name may have, which is not worth a question. @param otherwise when nothing is left */
export const soundName = (fileName: string, otherwise: string): string =>
  fileName
    .replace(/["<>\\;`^|\p{Cc}]|\$\{/gu, '')
    .trim()
    .slice(0, 100) || otherwise;

/** Takes a sound from the reader's machine. */
export function SoundUpload({ label, size = 'sm', isPending, onSound }: SoundUploadProps) {
  const { t } = useTranslation('parts');
  const reset = useRef<() => void>(null);
  const take = (file: File | null) => {
    // So that the same file can be chosen again.
    reset.current?.();
    if (file === null) return;
    if (file.size > LARGEST) tellFailure(null, t('sound.tooLarge'), file.name);
    else onSound(file);
  };
  return (
    <FileButton onChange={take} accept="audio/*" resetRef={reset}>
      {(props) => (
        <Button
          {...props}
          size={size}
          variant="light"
          loading={isPending}
          leftSection={<IconUpload size={size === 'xs' ? 14 : 16} aria-hidden />}
        >
          {label}
        </Button>
      )}
    </FileButton>
  );
}
