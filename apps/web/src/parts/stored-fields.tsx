/** Inputs that store themselves (see `stored.ts`). */
import { ApiProblem } from '@littlepbx/contract/client';
import { Loader, Text, TextInput, type TextInputProps } from '@mantine/core';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useFieldRefusal } from './refusal.ts';
import { type Stored, useStored } from './stored.ts';
import { TwoValues } from './torn.tsx';

export interface Storing<T> {
  /** Of the API: a refusal of this field is shown in its own words. */
  field: string;
  /** What people call it, and whose it is: `Name of 101`. */
  name: string;
  stored: T;
  /** @param was what was there when the typing began. Answers with what is there now, where that may differ. */
  store(value: T, was: T): Promise<T | undefined>;
}

export interface Marked {
  /** What is wrong with what is stored, in words. */
  mark?: string | undefined;
}

type InputProps = Omit<TextInputProps, 'value' | 'name'>;

const keysOf = (field: Stored<string>) => (event: KeyboardEvent<HTMLInputElement>) => {
  if (event.key === 'Enter') field.leave();
  if (event.key === 'Escape') field.forget();
};

export function StoredText({ field, name, stored, store, mark, ...props }: Storing<string> & Marked & InputProps) {
  const { t } = useTranslation('parts');
  const told = (current: unknown) => String(current ?? '');
  const inWords = (text: string) => text || t('torn.empty');
  const it = useStored({ name, stored, store, told, inWords });
  const refusal = useFieldRefusal(it.failure, field);
  return (
    <TextInput
      {...(props.label ? {} : { 'aria-label': name })}
      {...props}
      ref={it.input}
      data-marked={mark && true}
      value={it.value}
      error={refusal ?? (it.value === stored && mark)}
      rightSection={it.isStoring ? <Loader size={14} /> : null}
      inputContainer={(input) => <TwoValues of={it}>{input}</TwoValues>}
      onChange={(event) => it.change(event.currentTarget.value)}
      onBlur={it.leave}
      onKeyDown={keysOf(it)}
    />
  );
}

/** It would not reach the API as a number. */
function noWholeNumber(field: string, text: string): ApiProblem {
  const reason = text.trim() === '' ? 'is required' : 'must be a whole number';
  return new ApiProblem({ id: 'invalid', status: 400, detail: reason, fields: [{ field, reason }] });
}

/** A whole number. Mantine's NumberInput is not used: it weighs more than all else of the page. */
export function StoredNumber({
  field,
  name,
  stored,
  store,
  unit,
  ...props
}: Storing<number> & { unit: string } & InputProps) {
  const it = useStored({
    name,
    stored: String(stored),
    async store(text, was) {
      // One that cannot be is refused by the API, in its own words.
      if (!/^-?\d+$/.test(text.trim())) throw noWholeNumber(field, text);
      return String((await store(Number(text), Number(was))) ?? Number(text));
    },
    told: String,
    inWords: (text) => `${text} ${unit}`,
  });
  const refusal = useFieldRefusal(it.failure, field);
  return (
    <TextInput
      {...(props.label ? {} : { 'aria-label': name })}
      {...props}
      inputMode="numeric"
      ref={it.input}
      value={it.value}
      error={refusal}
      rightSection={it.isStoring ? <Loader size={14} /> : <Text c="dimmed">{unit}</Text>}
      rightSectionPointerEvents="none"
      inputContainer={(input) => <TwoValues of={it}>{input}</TwoValues>}
      onChange={(event) => it.change(event.currentTarget.value)}
      onBlur={it.leave}
      onKeyDown={keysOf(it)}
    />
  );
}

export interface StoredChoiceProps extends Storing<boolean> {
  label: string;
  description?: string;
  disabled?: boolean;
}

/** The browser's own: Mantine's weighs as much as all that stores itself here. */
export function StoredCheckbox({ field, name, stored, store, label, disabled }: StoredChoiceProps) {
  const it = useStored({ name, stored, store, told: Boolean, inWords: String });
  const refusal = useFieldRefusal(it.failure, field);
  return (
    <div>
      <Text
        component="label"
        size="sm"
        {...(disabled ? { c: 'dimmed' } : {})}
        style={{ display: 'flex', alignItems: 'center', gap: 8 }}
      >
        <input
          type="checkbox"
          style={{ width: 18, height: 18, accentColor: 'var(--mantine-primary-color-filled)' }}
          disabled={disabled ?? false}
          ref={it.input}
          checked={it.value}
          onChange={(event) => it.choose(event.currentTarget.checked)}
        />
        {label}
      </Text>
      {refusal !== undefined && (
        <Text size="xs" c="red" role="alert">
          {refusal}
        </Text>
      )}
    </div>
  );
}
