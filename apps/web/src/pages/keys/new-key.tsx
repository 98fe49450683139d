import type { Scope } from '@littlepbx/contract';
import { Button, Group, Input, Modal, Radio, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { Form } from '../../parts/form.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { type Level, type Levels, most, scopesOf } from '../../parts/scopes.ts';

interface NewKeyProps {
  org: string | null;
  opened: boolean;
  may(scope: Scope): boolean;
  onClose(): void;
  onMade(token: string): void;
}

export function NewKey({ opened, onClose, ...form }: NewKeyProps) {
  const { t } = useTranslation('keys');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('new.title')}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('new.cancel') }}
    >
      <NewKeyForm {...form} onClose={onClose} />
    </Modal>
  );
}

type Choice = 'read' | 'all' | 'some';

function NewKeyForm({ org, may, onClose, onMade }: Omit<NewKeyProps, 'opened'>) {
  const { t } = useTranslation('keys');
  const possible = most(org === null, may);
  const [name, setName] = useState('');
  const [choice, setChoice] = useState<Choice>('read');
  const [chosen, setChosen] = useState<Levels>({});
  const levels: Levels =
    choice === 'some'
      ? chosen
      : Object.fromEntries(possible.map(([kind, level]) => [kind, choice === 'read' ? 'read' : level]));
  const make = useMutation({
    mutationFn: () => {
      const body = { name, scopes: scopesOf(levels) };
      return org === null ? api.createOperatorKey({ body }) : api.createKey({ params: { org }, body });
    },
    onSuccess: ({ token }) => onMade(token),
  });
  const refused = useRefusal(make.error);
  const beside = refused.beside('name', 'scopes');
  return (
    <Form onSend={() => make.mutate()} failure={make.error}>
      <Stack>
        <RefusalAlert text={beside} />
        <TextInput
          label={t('new.name')}
          description={t('new.nameText')}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={refused.at('name')}
          data-autofocus
        />
        <Radio.Group label={t('new.may')} value={choice} onChange={(value) => setChoice(value as Choice)}>
          <Stack gap="xs" mt={6}>
            {(['read', 'all', 'some'] as const).map((value) => (
              <Radio
                key={value}
                value={value}
                label={t(`new.choices.${value}.label`)}
                description={t(`new.choices.${value}.text`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        {choice === 'some' && (
          <Stack gap="xs">
            {possible.map(([kind, level]) => (
              <LevelChoice
                key={kind}
                label={t(`kinds.${kind}`)}
                most={level}
                value={chosen[kind] ?? 'none'}
                onChange={(value) => setChosen({ ...chosen, [kind]: value })}
              />
            ))}
            {refused.at('scopes') !== undefined && <Input.Error role="alert">{t('new.nothing')}</Input.Error>}
          </Stack>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('new.cancel')}
          </Button>
          <Button type="submit" loading={make.isPending}>
            {t('new.make')}
          </Button>
        </Group>
      </Stack>
    </Form>
  );
}

interface LevelChoiceProps {
  label: string;
  most: Level;
  value: Level;
  onChange(value: Level): void;
}

function LevelChoice({ label, most: highest, value, onChange }: LevelChoiceProps) {
  const { t } = useTranslation('keys');
  const id = useId();
  const levels: Level[] = highest === 'write' ? ['none', 'read', 'write'] : ['none', 'read'];
  return (
    <Group justify="space-between" gap={4}>
      <Text size="sm" id={id}>
        {label}
      </Text>
      <SegmentedControl
        size="xs"
        aria-labelledby={id}
        value={value}
        data={levels.map((level) => ({ value: level, label: t(`levels.${level}`) }))}
        onChange={(level) => onChange(level as Level)}
      />
    </Group>
  );
}
