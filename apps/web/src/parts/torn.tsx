/** Two people at one field: what both wrote, side by side, until the second has chosen whose is to stay. */
import { Button, Popover, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Edit, Torn } from './edit.ts';
import { useWritten } from './moment.ts';
import { useRefusal } from './refusal.ts';
import type { Stored } from './stored.ts';

/** Around an input (`inputContainer` of Mantine's): both values below it, the next stop of the keyboard. */
export function TwoValues({ of: it, children }: { of: Pick<Stored<unknown>, 'torn' | 'settle'>; children: ReactNode }) {
  const below = useRef<HTMLDivElement>(null);
  const settle = (whose: 'mine' | 'theirs') => {
    // The buttons go: whoever pressed one goes on in the field.
    below.current?.parentElement?.querySelector('input')?.focus();
    it.settle(whose);
  };
  return (
    <>
      {children}
      {it.torn && (
        <Popover opened withinPortal={false} width={280} position="bottom-start" shadow="md" withRoles={false}>
          <Popover.Target>
            <div ref={below} />
          </Popover.Target>
          <Popover.Dropdown data-torn>
            <Choice torn={it.torn} onSettle={settle} />
          </Popover.Dropdown>
        </Popover>
      )}
    </>
  );
}

/** Both values with their author, and a button for each. */
export function Choice({ torn, onSettle }: { torn: Torn<string>; onSettle(whose: 'mine' | 'theirs'): void }) {
  const { t } = useTranslation('parts');
  const who = torn.by ?? t('torn.somebody');
  return (
    <Stack gap="xs">
      <div role="alert">
        <Text size="sm" fw={500}>
          {t('torn.title', { who })}
        </Text>
        {torn.at !== null && <Since at={torn.at} />}
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {t('torn.theirs')} <b>{torn.theirs}</b>
        </Text>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {t('torn.mine')} <b>{torn.mine}</b>
        </Text>
      </div>
      <Button.Group>
        <Button size="xs" variant="default" fullWidth onClick={() => onSettle('mine')}>
          {t('torn.keepMine')}
        </Button>
        <Button size="xs" variant="default" fullWidth onClick={() => onSettle('theirs')}>
          {t('torn.takeTheirs')}
        </Button>
      </Button.Group>
    </Stack>
  );
}

function Since({ at }: { at: number }) {
  const { ago } = useWritten();
  return (
    <Text size="xs" c="dimmed">
      {ago(at)}
    </Text>
  );
}

/**
 * The field is not shown any more: what of it could not be stored is told, and stays until somebody has read it.
 * @param name of the field
 */
export function tellUnstored<T>(edit: Edit<T>, name: string, inWords: (value: T) => string): void {
  const { torn, failure } = edit;
  if (torn !== null) {
    // Without when: notices stand outside of the pages, and know of no organization's clock.
    const told = { ...torn, mine: inWords(torn.mine), theirs: inWords(torn.theirs), at: null };
    const settle = (whose: 'mine' | 'theirs') => {
      notifications.hide(notice);
      edit.settle(whose);
    };
    const message = <Choice torn={told} onSettle={settle} />;
    const notice = notifications.show({ title: name, message, color: 'yellow', autoClose: false });
  } else if (failure !== null && !edit.isOpen) {
    const message = <Unstored text={inWords(edit.value)} failure={failure} />;
    notifications.show({ title: name, message, color: 'red', autoClose: false, role: 'alert' });
    edit.forget();
  }
}

function Unstored({ text, failure }: { text: string; failure: unknown }) {
  const { t } = useTranslation('parts');
  const reason = useRefusal(failure).beside();
  return t('torn.unstored', { text, reason });
}
