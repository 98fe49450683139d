import type { RateAnswer } from '@littlepbx/contract';
import { Button, Group, Modal, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { Form } from '../../parts/form.tsx';
import { useWritten } from '../../parts/moment.ts';
import { NumberField } from '../../parts/number-field.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { TornFields, useSharedForm } from '../../parts/shared-form.tsx';

const MILLION = 1_000_000;

interface RateDialogProps {
  org: string;
  trunk: string;
  /** Null: the line has no rates yet. */
  currency: string | null;
  edited: RateAnswer | 'new' | null;
  onClose(): void;
  onDone(): void;
}

export function RateDialog({ edited, onClose, ...of }: RateDialogProps) {
  const { t } = useTranslation('rates');
  return (
    <Modal
      opened={edited !== null}
      onClose={onClose}
      closeOnClickOutside={false}
      title={edited === null ? t('list') : edited === 'new' ? t('add') : t('editNamed', { prefix: edited.prefix })}
      closeButtonProps={{ 'aria-label': t('cancel') }}
    >
      {edited !== null && <RateForm {...of} rate={edited === 'new' ? null : edited} onClose={onClose} />}
    </Modal>
  );
}

type Price = Omit<RateAnswer, 'prefix'>;

/** Of a new one. Nobody is to make calls free by forgetting the price. */
const USUAL: Price = { pricePerMinute: Number.NaN, setupFee: 0, firstIncrementInS: 60, incrementInS: 60 };
const NAMES = {
  pricePerMinute: 'perMinuteOf',
  setupFee: 'perCallOf',
  firstIncrementInS: 'first',
  incrementInS: 'next',
} as const;

interface RateFormProps extends Omit<RateDialogProps, 'edited'> {
  rate: RateAnswer | null;
}

function RateForm({ org, trunk, currency, rate, onClose, onDone }: RateFormProps) {
  const { t } = useTranslation('rates');
  const { number } = useWritten();
  const { prefix: fixed, ...was } = rate ?? { prefix: '', ...USUAL };
  const [prefix, setPrefix] = useState(fixed);
  const [money, setMoney] = useState(currency ?? '');
  const [price, setPrice] = useState<Price>(was);
  const form = useSharedForm<Partial<Price>>({
    stored: rate === null ? {} : was,
    wanted: price,
    async store(_difference, { seen, wanted }) {
      const { prefix: _, ...stored } = await api.setRate({
        params: { org, trunk, prefix: prefix.trim().replace(/^\+/, '') },
        body: {
          ...price,
          ...wanted,
          expected: seen,
          ...(currency === null ? { currency: money.trim().toUpperCase() } : {}),
        },
      });
      return stored;
    },
    show: (values) => setPrice((before) => ({ ...before, ...values })),
    onSaved() {
      onDone();
      onClose();
    },
  });
  const refused = useRefusal(form.failure);
  const isMoney = (field: string) => field === 'pricePerMinute' || field === 'setupFee';
  const amount = (name: keyof Price) => (
    <NumberField
      label={t(NAMES[name])}
      value={isMoney(name) ? price[name] / MILLION : price[name]}
      error={refused.at(name, isMoney(name) ? MILLION : 1)}
      min={isMoney(name) ? 0 : 1}
      decimalScale={isMoney(name) ? 6 : 0}
      allowNegative={false}
      onChange={(typed) =>
        setPrice((before) => ({ ...before, [name]: isMoney(name) ? Math.round(typed * MILLION) : typed }))
      }
    />
  );
  return (
    <Form onSend={form.save} failure={form.error}>
      <Stack gap="sm">
        <RefusalAlert text={refused.beside('prefix', 'currency', ...Object.keys(USUAL))} />
        <SimpleGrid cols={currency === null ? 2 : 1} spacing="sm">
          <TextInput
            label={t('prefix')}
            description={t('prefixText')}
            placeholder="4420"
            value={prefix}
            disabled={rate !== null}
            error={refused.at('prefix')}
            inputMode="tel"
            onChange={(event) => setPrefix(event.currentTarget.value)}
            data-autofocus={rate === null || undefined}
          />
          {currency === null && (
            <TextInput
              label={t('currency')}
              description={t('currencyText')}
              placeholder="EUR"
              value={money}
              maxLength={3}
              error={refused.at('currency')}
              onChange={(event) => setMoney(event.currentTarget.value)}
            />
          )}
        </SimpleGrid>
        <SimpleGrid cols={2} spacing="sm">
          {amount('pricePerMinute')}
          {amount('setupFee')}
          {amount('firstIncrementInS')}
          {amount('incrementInS')}
        </SimpleGrid>
        <TornFields
          of={form}
          name={(field) => t(NAMES[field as keyof Price])}
          inWords={(field, value) => number(isMoney(field) ? Number(value) / MILLION : Number(value), 6)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" disabled={prefix.trim() === ''} loading={form.isSaving}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </Form>
  );
}
