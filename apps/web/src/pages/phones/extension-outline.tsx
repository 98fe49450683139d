import { IconChevronRight, IconDots } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Extension } from './data.ts';
import type { RowProps } from './extension-row.tsx';
import classes from './phones.module.css';
import { connectedOf } from './phones-here.tsx';
import { targetsOf } from './targets.ts';

/** A row as it looks, with nothing in it that can be used: what is drawn of one that is not awake yet. */
export const ExtensionOutline = memo(function ExtensionOutline(props: RowProps & { wake(): void }) {
  const { extension, all, devices, wake } = props;
  const { t } = useTranslation('phones');
  const { t: common } = useTranslation('common');
  const { number, name, ringTimeInS } = extension;
  const here = connectedOf(devices);
  const target = (value: string | null) => {
    if (value === null) return <span className={classes.nowhere}>{t('extension.nowhere')}</span>;
    if (value === 'voicemail') return common('target.voicemail');
    return targetsOf(all).find((one) => one.value === value)?.label ?? value;
  };
  return (
    <section aria-label={`${number} ${name}`}>
      <div className={classes.row} onPointerEnter={wake}>
        <span className={classes.icon}>
          <IconChevronRight size={18} aria-hidden />
        </span>
        <span className={classes.number}>{number}</span>
        <span className={classes.outlined}>{name}</span>
        <div className={classes.control}>
          <div className={classes.outline}>{ringTimeInS}</div>
        </div>
        {FORWARDS.map((field) => (
          <div key={field} className={classes.control}>
            <div className={classes.outline}>{target(extension[field])}</div>
          </div>
        ))}
        <span className={classes.outlined}>
          {devices.length === 0 ? t('extension.noPhone') : t('extension.here', { here, all: devices.length })}
        </span>
        <span className={classes.icon}>
          <IconDots size={18} aria-hidden />
        </span>
      </div>
    </section>
  );
});

export const FORWARDS = ['forwardNoAnswer', 'forwardBusy', 'forwardAlways'] as const satisfies (keyof Extension)[];
