/**
 * Copying a text by a button. Browsers have a clipboard for pages only that came by HTTPS; on others the text is selected
 * and copied as by hand. Where even that is refused, what is shown of it is selected, and the reader is told to copy it.
 */
import { ActionIcon, Button, type ButtonProps, Tooltip, VisuallyHidden } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** How long a button says that it has copied. Milliseconds. */
const SAID_FOR = 2000;

interface CopyProps {
  value: string;
  /** Where the text is shown. */
  shown: RefObject<HTMLElement | null>;
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // There is none, or it may not be used here.
    return copiedBySelection(text);
  }
}

function copiedBySelection(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true;
  area.style.cssText = 'position: fixed; top: 0; opacity: 0;';
  document.body.append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    area.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  }
}

function select(element: HTMLElement | null): void {
  if (element instanceof HTMLInputElement) {
    element.focus();
    element.select();
  } else if (element) getSelection()?.selectAllChildren(element);
}

function useCopying({ value, shown }: CopyProps): { isCopied: boolean; copy(): void } {
  const { t } = useTranslation('parts');
  const [isCopied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    clearTimeout(timer.current);
    const isDone = await copied(value);
    setCopied(isDone);
    if (isDone) timer.current = setTimeout(() => setCopied(false), SAID_FOR);
    else {
      select(shown.current);
      const message = t('notCopied');
      notifications.show({ id: message, color: 'orange', message, role: 'alert', autoClose: 8000 });
    }
  };
  return { isCopied, copy: () => void copy() };
}

const Sign = ({ isCopied, size }: { isCopied: boolean; size: number }) =>
  isCopied ? <IconCheck size={size} aria-hidden /> : <IconCopy size={size} aria-hidden />;

/** @param name what it is, for whoever hears the button */
export function CopyIcon({ name, ...props }: CopyProps & { name: string }) {
  const { t } = useTranslation('parts');
  const { isCopied, copy } = useCopying(props);
  return (
    <>
      <Tooltip label={isCopied ? t('copied') : t('copy')} {...(isCopied ? { opened: true } : {})}>
        <ActionIcon
          variant="subtle"
          color={isCopied ? 'teal' : 'gray'}
          onClick={copy}
          aria-label={isCopied ? t('copiedNamed', { name }) : t('copyNamed', { name })}
        >
          <Sign isCopied={isCopied} size={16} />
        </ActionIcon>
      </Tooltip>
      <VisuallyHidden role="status">{isCopied && t('copied')}</VisuallyHidden>
    </>
  );
}

export function CopyButton({ value, shown, label, ...props }: CopyProps & { label?: string } & ButtonProps) {
  const { t } = useTranslation('parts');
  const { isCopied, copy } = useCopying({ value, shown });
  return (
    <>
      <Button {...props} onClick={copy} leftSection={<Sign isCopied={isCopied} size={18} />}>
        {isCopied ? t('copied') : (label ?? t('copy'))}
      </Button>
      <VisuallyHidden role="status">{isCopied && t('copied')}</VisuallyHidden>
    </>
  );
}
