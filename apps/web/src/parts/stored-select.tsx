import { Select } from '@mantine/core';
import { useFieldRefusal } from './refusal.ts';
import { useStored } from './stored.ts';
import type { Marked, Storing } from './stored-fields.tsx';
import { TwoValues } from './torn.tsx';

/** One of a few, or none of them. */
export function StoredSelect<V extends string>({
  field,
  name,
  stored,
  store,
  label,
  options,
  nothing,
  disabled,
  mark,
}: Storing<V | null> &
  Marked & {
    label: string;
    options: readonly { value: V; label: string }[];
    /** What it is when none is chosen. */
    nothing: string;
    disabled?: boolean;
  }) {
  const told = (current: unknown) => current as V | null;
  const inWords = (value: V | null) => options.find((option) => option.value === value)?.label ?? value ?? nothing;
  const it = useStored({ name, stored, store, told, inWords });
  const refusal = useFieldRefusal(it.failure, field);
  return (
    <Select
      label={label}
      data={[{ value: '', label: nothing }, ...options]}
      allowDeselect={false}
      disabled={disabled ?? false}
      ref={it.input}
      data-marked={mark && true}
      value={it.value ?? ''}
      error={refusal ?? (it.value === stored && mark)}
      inputContainer={(input) => <TwoValues of={it}>{input}</TwoValues>}
      onChange={(chosen) => it.choose(options.find(({ value }) => value === chosen)?.value ?? null)}
    />
  );
}
