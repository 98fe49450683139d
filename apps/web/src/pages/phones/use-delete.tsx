import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { onLiveEvent } from '../../app/live.ts';
import { useOrganization } from '../../app/session.ts';
import { extensionsQuery } from '../../parts/extensions.ts';
import { useFailure } from '../../parts/failure.tsx';
import { forgetOwnChange, tookEffect } from '../../parts/own-changes.ts';
import { storing } from '../../parts/typed-fields.ts';
import { type Extension, useChanges } from './data.ts';

/** Deletes an extension in the draft, and offers to undo it: with its phones, and the numbers that led to it. */
export function useDelete(): (extension: Extension) => void {
  const { t } = useTranslation('phones');
  const { slug: org } = useOrganization();
  const queries = useQueryClient();
  const { read } = useChanges(org);
  const failed = useFailure();

  const restore = async ({ id, ...fields }: Extension): Promise<void> => {
    await api.createExtension({ params: { org }, body: { ...fields, restores: id } });
    read('extensions', 'numbers', 'devices', 'draft');
  };

  return async (extension) => {
    const { id, number } = extension;
    try {
      await storing(api.deleteExtension({ params: { org, extension: id } }));
    } catch (error) {
      return failed(error);
    }
    queries.setQueryData(extensionsQuery(org).queryKey, (all) => all?.filter((e) => e.id !== id));
    read('extensions', 'numbers', 'devices', 'draft');
    const deletion = { name: t('extension.deletion', { number }), takeBack: () => restore(extension) };
    tookEffect(deletion);
    // With the next apply, by whomever, it is no deletion to come any more.
    const stopListening = onLiveEvent((event) => {
      if (event.type === 'revision-applied') notifications.hide(notice);
    });
    const notice = notifications.show({
      autoClose: 12_000,
      onClose: stopListening,
      role: 'status',
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm">{t('extension.deleted', { number })}</Text>
          <Button
            size="xs"
            flex="none"
            variant="light"
            onClick={() => {
              notifications.hide(notice);
              forgetOwnChange(deletion);
              storing(deletion.takeBack()).catch(failed);
            }}
          >
            {t('undo')}
          </Button>
        </Group>
      ),
    });
  };
}
