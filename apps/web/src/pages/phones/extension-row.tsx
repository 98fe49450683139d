import { ActionIcon, Group, Menu } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconClockHour4, IconDots, IconTrash } from '@tabler/icons-react';
import { lazy, memo, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useOrganization } from '../../app/session.ts';
import { useAwake } from '../../parts/awake.ts';
import { ListSkeleton } from '../../parts/states.tsx';
import { StoredText } from '../../parts/stored-fields.tsx';
import { Forward, RingTime } from './call-flow.tsx';
import { type Device, type Extension, useChanges } from './data.ts';
import { ExtensionOutline, FORWARDS } from './extension-outline.tsx';
import classes from './phones.module.css';
import { PhonesHere } from './phones-here.tsx';
import { useDelete } from './use-delete.tsx';

const ExtensionDetails = lazy(() => import('./extension-details.tsx'));

export interface RowProps {
  extension: Extension;
  all: Extension[];
  devices: Device[];
  /** Something of it waits to be applied. */
  isWaiting: boolean;
  isOpen: boolean;
  onToggle(id: string): void;
}

/** One extension. @param isScrolled the list moves: what comes into sight is looked at, not worked with */
export function ExtensionRow({ isScrolled, ...props }: RowProps & { isScrolled: boolean }) {
  const [isAwake, wake] = useAwake(isScrolled, props.isOpen);
  return isAwake ? <WholeRow {...props} /> : <ExtensionOutline {...props} wake={wake} />;
}

/** Its call flow in place, all else below when it is open. */
const WholeRow = memo(function WholeRow(props: RowProps) {
  const { extension, all, devices, isWaiting, isOpen, onToggle } = props;
  const { t } = useTranslation('phones');
  const { slug, may } = useOrganization();
  const { changeExtension } = useChanges(slug);
  const remove = useDelete();
  const { id, number, name } = extension;
  const canWrite = may('extensions:write');
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <section aria-label={`${number} ${name}`}>
      <div className={classes.row}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('extension.details', { number })}
          aria-expanded={isOpen}
          onClick={() => onToggle(id)}
        >
          <Chevron size={18} aria-hidden />
        </ActionIcon>
        <Group gap={6} wrap="nowrap">
          <span className={classes.number}>{number}</span>
          {isWaiting && (
            <span role="img" aria-label={t('waits')} title={t('waits')} className={classes.waits}>
              <IconClockHour4 size={16} aria-hidden />
            </span>
          )}
        </Group>
        <StoredText
          variant="unstyled"
          field="name"
          name={t('extension.nameOf', { number })}
          stored={name}
          store={(value, was) => changeExtension(id, 'name', value, was)}
          disabled={!canWrite}
        />
        <div className={classes.control}>
          <RingTime extension={extension} hasLabel={false} />
        </div>
        {FORWARDS.map((field) => (
          <div key={field} className={classes.control}>
            <Forward extension={extension} all={all} field={field} hasLabel={false} />
          </div>
        ))}
        <PhonesHere devices={devices} isUndisturbed={extension.doNotDisturb} />
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={t('extension.more', { number })} disabled={!canWrite}>
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              color="var(--mantine-color-error)"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => remove(extension)}
            >
              {t('extension.delete')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {isOpen && (
        <div className={classes.details}>
          <Suspense fallback={<ListSkeleton rows={3} />}>
            <ExtensionDetails extension={extension} all={all} devices={devices} />
          </Suspense>
        </div>
      )}
    </section>
  );
});
