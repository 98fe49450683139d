import { Alert, type AlertProps } from '@mantine/core';

/** What was refused and belongs to no field of the form below; null: nothing. */
export function RefusalAlert({ text, ...props }: { text: string | null } & Pick<AlertProps, 'mb'>) {
  if (text === null) return null;
  return (
    <Alert color="red" role="alert" {...props}>
      {text}
    </Alert>
  );
}
