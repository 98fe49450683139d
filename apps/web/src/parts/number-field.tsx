import { NumberInput, type NumberInputProps } from '@mantine/core';

interface NumberFieldProps extends Omit<NumberInputProps, 'value' | 'onChange'> {
  /** NaN: nothing is typed. That is no 0, and the API refuses it. */
  value: number;
  onChange(value: number): void;
}

export function NumberField({ value, onChange, ...props }: NumberFieldProps) {
  return (
    <NumberInput
      {...props}
      value={Number.isNaN(value) ? '' : value}
      onChange={(typed) => onChange(typed === '' ? Number.NaN : Number(typed))}
    />
  );
}
