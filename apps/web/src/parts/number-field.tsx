import { NumberInput, type NumberInputProps } from '@mantine/core';
import { spoken } from '../app/i18n.ts';

interface NumberFieldProps extends Omit<NumberInputProps, 'value' | 'onChange'> {
  /** NaN: nothing is typed. That is no 0, and the API refuses it. */
  value: number;
  onChange(value: number): void;
}

export function NumberField({ value, onChange, ...props }: NumberFieldProps) {
  const parts = new Intl.NumberFormat(spoken()).formatToParts(12345.6);
  const sign = (type: 'group' | 'decimal') => parts.find((part) => part.type === type)?.value ?? '.';
  return (
    <NumberInput
      {...props}
      thousandSeparator={sign('group')}
      decimalSeparator={sign('decimal')}
      value={Number.isNaN(value) ? '' : value}
      onChange={(typed) => onChange(typed === '' ? Number.NaN : Number(typed))}
    />
  );
}
