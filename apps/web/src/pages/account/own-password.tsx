import { PasswordInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface OwnPasswordProps {
  label: string;
  value: string;
  error: string | undefined;
  onChange(value: string): void;
}

/** The password that one has, asked for once more. */
export function OwnPassword({ onChange, ...props }: OwnPasswordProps) {
  const { t } = useTranslation('account');
  return (
    <PasswordInput
      {...props}
      autoComplete="current-password"
      required
      withAsterisk={false}
      onChange={(event) => onChange(event.currentTarget.value)}
      visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
      data-autofocus
    />
  );
}
