import { Switch } from '@mantine/core';
import { useFieldRefusal } from './refusal.ts';
import { useStored } from './stored.ts';
import type { StoredChoiceProps } from './stored-fields.tsx';

/** Beside the other fields, which the first load carries, and it does not. */
export function StoredSwitch({ field, name, stored, store, label, description, disabled }: StoredChoiceProps) {
  // Of two values one is always the other's: nobody can be torn between them.
  const it = useStored({ name, stored, store, told: Boolean, inWords: String });
  const refusal = useFieldRefusal(it.failure, field);
  return (
    <Switch
      label={label}
      description={description}
      disabled={disabled ?? false}
      ref={it.input}
      checked={it.value}
      error={refusal}
      onChange={(event) => it.choose(event.currentTarget.checked)}
    />
  );
}
