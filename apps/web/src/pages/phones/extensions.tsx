import { Button, Group, Paper, Text, TextInput, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconSearch, IconUsers } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  lazy,
  Suspense,
  useCallback,
  useDeferredValue,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { usePollWithout } from '../../app/live.ts';
import { useOrganization } from '../../app/session.ts';
import { isUnread } from '../../app/unread.ts';
import { hush } from '../../parts/awake.ts';
import { devicesQuery, extensionsQuery } from '../../parts/extensions.ts';
import { Empty, Failed, ListSkeleton } from '../../parts/states.tsx';
import { type Device, draftQuery, type Extension } from './data.ts';
import { FORWARDS } from './extension-outline.tsx';
import { ExtensionRow } from './extension-row.tsx';
import { useSought } from './marks.ts';
import classes from './phones.module.css';

const AddExtension = lazy(() => import('./add-extension.tsx'));

/** Members with a column of their own, where there is room for columns. */
const IN_ROW = new Set<string | undefined>(['name', 'ringTimeInS', ...FORWARDS]);
const NO_DEVICES: Device[] = [];

export function Extensions() {
  const { t } = useTranslation('phones');
  const { slug, may } = useOrganization();
  const extensions = useQuery({ ...extensionsQuery(slug), refetchInterval: usePollWithout(30_000) });
  // Beside the extensions, not after them.
  const devices = useQuery({
    ...devicesQuery(slug),
    enabled: may('devices:read'),
    refetchInterval: usePollWithout(10_000),
  });
  const [isAdding, adding] = useDisclosure();
  const [wanted, setWanted] = useState('');
  const canWrite = may('extensions:write');
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={adding.open}>
      {t('extensions.add')}
    </Button>
  );
  return (
    <section aria-label={t('extensions.title')}>
      <Group justify="space-between" gap="sm" mb="sm">
        <Group gap="xs">
          <Title order={2} size="h4">
            {t('extensions.title')}
          </Title>
          {extensions.data && <Text c="dimmed">{extensions.data.length}</Text>}
        </Group>
        <Group gap="xs" wrap="nowrap" className={classes.tools}>
          <TextInput
            flex={1}
            type="search"
            aria-label={t('extensions.find')}
            placeholder={t('extensions.find')}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={wanted}
            onChange={(event) => {
              hush();
              setWanted(event.currentTarget.value);
            }}
          />
          {canWrite && add}
        </Group>
      </Group>
      {extensions.isPending ? (
        <ListSkeleton rows={6} height={60} />
      ) : isUnread(extensions) ? (
        <Failed error={extensions.error} retry={() => void extensions.refetch()} />
      ) : extensions.data.length === 0 ? (
        <Paper>
          <Empty icon={IconUsers} title={t('extensions.none')} action={canWrite && add}>
            {t('extensions.noneText')}
          </Empty>
        </Paper>
      ) : (
        <ExtensionList
          all={extensions.data}
          devices={devices.data ?? NO_DEVICES}
          wanted={wanted}
          wantAll={() => setWanted('')}
        />
      )}
      <Suspense fallback={null}>
        {isAdding && <AddExtension onClose={adding.close} taken={extensions.data ?? []} />}
      </Suspense>
    </section>
  );
}

interface ExtensionListProps {
  all: Extension[];
  devices: Device[];
  wanted: string;
  wantAll(): void;
}

function ExtensionList({ all, devices, wanted, wantAll }: ExtensionListProps) {
  const { t } = useTranslation('phones');
  const { slug, may } = useOrganization();
  const draft = useQuery({ ...draftQuery(slug), enabled: may('revisions:read') });
  const [openId, setOpenId] = useState<string | null>(null);
  const toggle = useCallback((id: string) => setOpenId((open) => (open === id ? null : id)), []);

  const devicesOf = useMemo(() => Map.groupBy(devices, ({ extensionId }) => extensionId), [devices]);
  const waiting = useMemo(
    () =>
      new Set(draft.data?.changes.filter(({ what, kind }) => what === 'extension' && kind !== 'removed').map(nowNamed)),
    [draft.data],
  );
  const text = useDeferredValue(wanted).trim().toLocaleLowerCase();
  const shown = useMemo(
    () =>
      text === ''
        ? all
        : all.filter(({ number, name }) => number.includes(text) || name.toLocaleLowerCase().includes(text)),
    [all, text],
  );

  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const element = list.current;
    if (element) setTop(element.getBoundingClientRect().top + window.scrollY);
  }, []);
  const rows = useWindowVirtualizer({
    count: shown.length,
    estimateSize: () => 53,
    overscan: 8,
    isScrollingResetDelay: 300,
    scrollMargin: top,
    getItemKey: (i) => shown[i]!.id,
  });

  const sought = useSought();
  const met = useRef(sought);
  useEffect(() => {
    if (sought === null || sought === met.current) return;
    const [what, number, member] = sought.field.split('.');
    const index = what === 'extensions' ? shown.findIndex((extension) => extension.number === number) : -1;
    if (what === 'extensions' && index === -1 && wanted !== '') {
      wantAll();
      return;
    }
    met.current = sought;
    if (index === -1) return window.scrollTo({ top: 0 });
    const isInRow = IN_ROW.has(member) && window.matchMedia('(min-width: 75em)').matches;
    if (!isInRow) setOpenId(shown[index]!.id);
    rows.scrollToIndex(index, { align: 'center' });
    bringMarkedIntoSight(list.current, index);
  }, [sought, shown, wanted, wantAll, rows]);

  if (shown.length === 0) {
    return (
      <Paper>
        <Empty icon={IconSearch} title={t('extensions.notFound', { text: wanted })} />
      </Paper>
    );
  }
  return (
    <Paper ref={list}>
      <div className={classes.head} aria-hidden>
        <span />
        <span>{t('extension.number')}</span>
        <span>{t('extension.name')}</span>
        <span>{t('extension.rings')}</span>
        <span>{t('extension.noAnswer')}</span>
        <span>{t('extension.busy')}</span>
        <span>{t('extension.always')}</span>
        <span>{t('extension.phones')}</span>
        <span />
      </div>
      <ul className={classes.list} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const extension = shown[item.index]!;
          return (
            <li
              key={item.key}
              data-index={item.index}
              ref={rows.measureElement}
              className={classes.item}
              style={{ transform: `translateY(${item.start - rows.options.scrollMargin}px)` }}
            >
              <ExtensionRow
                extension={extension}
                all={all}
                devices={devicesOf.get(extension.id) ?? NO_DEVICES}
                isWaiting={waiting.has(extension.number)}
                isOpen={openId === extension.id}
                isScrolled={rows.isScrolling}
                onToggle={toggle}
              />
            </li>
          );
        })}
      </ul>
    </Paper>
  );
}

/** The row is drawn within some frames, and where it is narrow it is opened first. */
function bringMarkedIntoSight(list: HTMLElement | null, index: number, frames = 60): void {
  const all = list?.querySelectorAll<HTMLElement>(`[data-index="${index}"] [data-marked]`) ?? [];
  // Of a field that is both in the row and below it one is hidden.
  const field = [...all].find((one) => one.offsetParent !== null);
  if (field) field.scrollIntoView({ block: 'center' });
  else if (frames > 0) requestAnimationFrame(() => bringMarkedIntoSight(list, index, frames - 1));
}

/** A change is named by the number as it was; the list has it as it is. */
function nowNamed({ name, after }: { name: string; after: Record<string, unknown> | null }): string {
  return typeof after?.number === 'string' ? after.number : name;
}
