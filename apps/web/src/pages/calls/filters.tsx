import { Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useOrganization } from '../../app/session.ts';
import { useNames } from '../../parts/names.ts';
import { type CallFilter, DIRECTIONS, RESULTS } from './data.ts';

interface FiltersProps {
  filter: CallFilter;
  onChange(filter: CallFilter): void;
}

/** Which calls are looked for. */
export function Filters({ filter, onChange }: FiltersProps) {
  const { t } = useTranslation('calls');
  const { extensionId } = useOrganization();
  const { extensions } = useNames();
  const set = (name: keyof CallFilter, value: string | null) => {
    const { [name]: _, ...rest } = filter;
    onChange(value === null || value === '' ? rest : { ...rest, [name]: value });
  };
  return (
    <>
      <Search value={filter.search ?? ''} onChange={(text) => set('search', text)} />
      {extensionId === null && (
        <Select
          label={t('filters.extension')}
          placeholder={t('filters.anyExtension')}
          searchable
          clearable
          w={{ base: '100%', xs: 200 }}
          limit={50}
          nothingFoundMessage={t('filters.nothing')}
          value={filter.extension ?? null}
          data={extensions.map(({ number, name }) => ({ value: number, label: `${number} ${name}` }))}
          onChange={(number) => set('extension', number)}
        />
      )}
      <Select
        label={t('filters.direction')}
        placeholder={t('filters.anyDirection')}
        clearable
        w={{ base: '100%', xs: 190 }}
        value={filter.direction ?? null}
        data={DIRECTIONS.map((value) => ({ value, label: t(`directions.${value}`) }))}
        onChange={(direction) => set('direction', direction)}
      />
      <Select
        label={t('filters.result')}
        placeholder={t('filters.anyResult')}
        clearable
        w={{ base: '100%', xs: 170 }}
        value={filter.result ?? null}
        data={RESULTS.map((value) => ({ value, label: t(`results.${value}`) }))}
        onChange={(result) => set('result', result)}
      />
    </>
  );
}

/** Asks when the typing pauses. */
function Search({ value, onChange }: { value: string; onChange(text: string): void }) {
  const { t } = useTranslation('calls');
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const tell = useDebouncedCallback((next: string) => onChange(next.trim()), 350);
  return (
    <TextInput
      label={t('filters.search')}
      placeholder={t('filters.searchPlaceholder')}
      leftSection={<IconSearch size={16} aria-hidden />}
      w={{ base: '100%', xs: 220 }}
      maxLength={64}
      value={text}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        tell(currentTarget.value);
      }}
    />
  );
}
