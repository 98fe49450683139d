/** A form that is stored by a button. Refused, it leads to what is wrong: on a long page that may be far from the button. */
import { type FormEvent, type ReactNode, useEffect, useRef } from 'react';

interface FormProps {
  onSend(): void;
  /** Of what was sent last; null: it was not refused. */
  failure: unknown;
  children: ReactNode;
}

export function Form({ onSend, failure, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (failure == null) return;
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    // What belongs to no field is told above them.
    const wrong = field ?? form.current?.querySelector('[role="alert"]');
    wrong?.scrollIntoView({ block: 'center' });
    field?.focus({ preventScroll: true });
  }, [failure]);
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSend();
  };
  return (
    <form ref={form} onSubmit={send} noValidate>
      {children}
    </form>
  );
}
