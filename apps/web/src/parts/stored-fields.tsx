/** Inputs that store themselves (see `stored.ts`). */
import { Loader, NumberInput, type NumberInputProps, Switch, TextInput, type TextInputProps } from '@mantine/core';
import type { KeyboardEvent } from 'react';
import { useRefusal } from './refusal.ts';
import { type Stored, useStored } from './stored.ts';

interface Storing<T> {
  /** Of the API: a refusal of this field is shown in its own words. */
  field: string;
  stored: T;
  store(value: T): Promise<unknown>;
}

const keysOf = (field: Stored<never>) => (event: KeyboardEvent<HTMLInputElement>) => {
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
      onKeyDown={keysOf(it as unknown as Stored<never>)}
    />
  );
}

export function StoredNumber({ field, stored, store, ...props }: Storing<number> & Omit<NumberInputProps, 'value'>) {
  // An empty field is no number: it is not sent.
  const it = useStored<number | string>(stored, async (value) => {
    if (typeof value === 'number') await store(value);
  });
  const refusal = useRefusal(it.failure);
  return (
    <NumberInput
      allowDecimal={false}
      allowNegative={false}
      clampBehavior="none"
      {...props}
      value={it.value}
      error={refusal.at(field) ?? refusal.beside(field)}
      onChange={it.change}
      onBlur={() => (it.value === '' ? it.forget() : it.leave())}
      onKeyDown={keysOf(it as unknown as Stored<never>)}
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
