import { Alert, Button, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from './copying.tsx';

interface OnceProps {
  title: string;
  /** What the secret is called. */
  label: string;
  /** Null: nothing is shown. */
  secret: string | null;
  /** What to do with it. */
  text?: string;
  onClose(): void;
}

/** A secret that nobody can show again: it goes only by its button, not by a click beside it. */
export function Once({ title, label, secret, text, onClose }: OnceProps) {
  const { t } = useTranslation('parts');
  const shown = useRef<HTMLInputElement>(null);
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
      title={title}
      size="lg"
    >
      <Stack>
        <Alert color="orange" icon={<IconEyeOff aria-hidden />}>
          {t('once.warning')}
        </Alert>
        {text !== undefined && <Text size="sm">{text}</Text>}
        <TextInput
          ref={shown}
          label={label}
          value={secret ?? ''}
          readOnly
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton value={secret ?? ''} shown={shown} />
        <Button variant="subtle" color="gray" onClick={onClose}>
          {t('once.done')}
        </Button>
      </Stack>
    </Modal>
  );
}
