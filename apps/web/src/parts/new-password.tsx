import { PasswordInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface NewPasswordProps {
  label: string;
  value: string;
  onChange(value: string): void;
  error: string | undefined;
}

/** A password that is being made up, as the browser's own keeper of passwords knows it. */
export function NewPassword({ label, value, onChange, error }: NewPasswordProps) {
  const { t } = useTranslation('doors');
  return (
    <PasswordInput
      label={label}
      description={t('passwordText')}
      name="password"
      autoComplete="new-password"
      required
      withAsterisk={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
      error={error}
    />
  );
}
