/** Questions before what cannot be taken back. */
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface Question {
  title: string;
  text: ReactNode;
  /** What the button says: what will be done. */
  action: string;
  onYes(): void;
  isHarmless?: boolean;
}

export function useQuestion(): (question: Question) => void {
  const { t } = useTranslation('parts');
  return ({ title, text, action, onYes, isHarmless = false }) => {
    modals.openConfirmModal({
      title,
      children: <Text size="sm">{text}</Text>,
      labels: { confirm: action, cancel: t('cancel') },
      confirmProps: isHarmless ? {} : { color: 'red' },
      closeButtonProps: { 'aria-label': t('cancel') },
      onConfirm: onYes,
    });
  };
}

interface TypedQuestionProps extends Question {
  opened: boolean;
  /** What has to be typed. */
  word: string;
  isPending: boolean;
  refusal: string | null;
  onClose(): void;
}

/** One that is answered by typing a word: nobody does that by mistake. */
export function TypedQuestion({ opened, onClose, ...question }: TypedQuestionProps) {
  const { t } = useTranslation('parts');
  return (
    <Modal opened={opened} onClose={onClose} title={question.title} closeButtonProps={{ 'aria-label': t('cancel') }}>
      <TypedAnswer {...question} onClose={onClose} />
    </Modal>
  );
}

function TypedAnswer({ word, text, action, isPending, refusal, onYes, onClose }: Omit<TypedQuestionProps, 'opened'>) {
  const { t } = useTranslation('parts');
  const [typed, setTyped] = useState('');
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() === word) onYes();
  };
  return (
    <form onSubmit={send}>
      <Stack>
        <Text size="sm">{text}</Text>
        <TextInput
          label={t('typeToConfirm', { word })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={refusal}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" color="red" disabled={typed.trim() !== word} loading={isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
