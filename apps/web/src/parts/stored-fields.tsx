/** Inputs that store themselves (see `stored.ts`). */
import { Loader, Switch, Text, TextInput, type TextInputProps } from '@mantine/core';
import type { KeyboardEvent } from 'react';
import { useRefusal } from './refusal.ts';
import { type Stored, useStored } from './stored.ts';

interface Storing<T> {
  /** Of the API: a refusal of this field is shown in its own words. */
  field: string;
  stored: T;
  /** @param was what was there when the typing began */
  store(value: T, was: T): Promise<unknown>;
}

const keysOf = (field: Stored<string>) => (event: KeyboardEvent<HTMLInputElement>) => {
  if (event.key === 'Enter') field.leave();
  if (event.key === 'Escape') field.forget();
};

export function StoredText({ field, stored, store, ...props }: Storing<string> & Omit<TextInputProps, 'value'>) {
  const it = useStored(stored, store);
  const refusal = useRefusal(it.failure);
  return (
    <TextInput
      {...props}
      value={it.value}
      error={refusal.at(field) ?? refusal.beside(field)}
      rightSection={it.isStoring ? <Loader size={14} /> : null}
      onChange={(event) => it.change(event.currentTarget.value)}
      onBlur={it.leave}
      onKeyDown={keysOf(it)}
    />
  );
}

/** A whole number. Mantine's NumberInput is not used: it weighs more than all else of the page. */
export function StoredNumber({
  field,
  stored,
  store,
  unit,
  ...props
}: Storing<number> & { unit: string } & Omit<TextInputProps, 'value'>) {
  // What is no number is not sent.
  const it = useStored(String(stored), async (text, was) => {
    if (/^\d+$/.test(text)) await store(Number(text), Number(was));
  });
  const refusal = useRefusal(it.failure);
  return (
    <TextInput
      {...props}
      inputMode="numeric"
      value={it.value}
      error={refusal.at(field) ?? refusal.beside(field)}
      rightSection={it.isStoring ? <Loader size={14} /> : <Text c="dimmed">{unit}</Text>}
      rightSectionPointerEvents="none"
      onChange={(event) => it.change(event.currentTarget.value.replace(/\D/g, ''))}
      onBlur={it.leave}
      onKeyDown={keysOf(it)}
    />
  );
}

export function StoredSwitch({
  field,
  stored,
  store,
  label,
  description,
  disabled,
}: Storing<boolean> & { label: string; description?: string; disabled?: boolean }) {
  const it = useStored(stored, store);
  const refusal = useRefusal(it.failure);
  return (
    <Switch
      label={label}
      description={description}
      disabled={disabled ?? false}
      checked={it.value}
      error={refusal.at(field) ?? refusal.beside(field)}
      onChange={(event) => it.choose(event.currentTarget.checked)}
    />
  );
}
