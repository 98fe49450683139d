/**
 * Whether a code of an authenticator app is asked for after the password:
 *
 *     off ── password ──> secret shown ── a right code ──> recovery codes shown ── kept ──> on
 *      └──────────────────── password ────────────────────────────────────────────────────┘
 */
import { Badge, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { queryClient } from '../../app/query.ts';
import { meQuery, useMe } from '../../app/session.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { OwnPassword } from './own-password.tsx';
import { QrCode } from './qr-code.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';

type Question = 'start' | 'renew' | 'stop';
interface Started {
  uri: string;
  secret: string;
  recoveryCodes: string[];
}

const setTwoFactor = (hasTwoFactor: boolean) =>
  queryClient.setQueryData(meQuery.queryKey, (me) => (me ? { ...me, hasTwoFactor } : me));

/** One dialog that goes from one to the next. */
type Step = { is: 'password'; for: Question } | { is: 'code'; started: Started } | { is: 'recovery'; codes: string[] };

export function TwoFactor() {
  const { t } = useTranslation('account');
  const { hasTwoFactor } = useMe();
  const [step, setStep] = useState<Step | null>(null);
  const [isOpen, setOpen] = useState(false);
  const ask = (question: Question) => {
    setStep({ is: 'password', for: question });
    setOpen(true);
  };
  const close = () => setOpen(false);
  // What is shown once goes by its own button, not by a click beside it.
  const isOnce = step?.is === 'recovery';
  return (
    <>
      <Group>
        <Badge variant="dot" color={hasTwoFactor ? 'teal' : 'gray'} tt="none" size="lg">
          {hasTwoFactor ? t('code.on') : t('code.off')}
        </Badge>
        {hasTwoFactor ? (
          <>
            <Button variant="default" onClick={() => ask('renew')}>
              {t('code.renew.button')}
            </Button>
            <Button variant="light" color="red" onClick={() => ask('stop')}>
              {t('code.stop.button')}
            </Button>
          </>
        ) : (
          <Button onClick={() => ask('start')}>{t('code.start.button')}</Button>
        )}
      </Group>
      <Modal
        opened={isOpen}
        onClose={close}
        onExitTransitionEnd={() => setStep(null)}
        title={
          isOnce ? t('recovery.title') : step?.is === 'password' ? t(`code.${step.for}.button`) : t('code.start.button')
        }
        closeOnClickOutside={step?.is === 'password'}
        closeOnEscape={!isOnce}
        withCloseButton={!isOnce}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {step?.is === 'password' && (
          <PasswordForm
            question={step.for}
            onClose={close}
            onStarted={(started) => setStep({ is: 'code', started })}
            onRenewed={(codes) => setStep({ is: 'recovery', codes })}
          />
        )}
        {step?.is === 'code' && (
          <CodeForm
            started={step.started}
            onDone={() => {
              setTwoFactor(true);
              setStep({ is: 'recovery', codes: step.started.recoveryCodes });
            }}
          />
        )}
        {step?.is === 'recovery' && <RecoveryCodes codes={step.codes} onKept={close} />}
      </Modal>
    </>
  );
}

interface PasswordFormProps {
  question: Question;
  onStarted(answer: Started): void;
  onRenewed(codes: string[]): void;
  onClose(): void;
}

function PasswordForm({ question, onStarted, onRenewed, onClose }: PasswordFormProps) {
  const { t } = useTranslation('account');
  const [password, setPassword] = useState('');
  const send = useMutation({
    mutationFn: async () => {
      const body = { password };
      if (question === 'start') return onStarted(await api.startTwoFactor({ body }));
      if (question === 'renew') return onRenewed((await api.renewRecoveryCodes({ body })).recoveryCodes);
      await api.stopTwoFactor({ body });
      setTwoFactor(false);
      onClose();
    },
  });
  const refused = useRefusal(send.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{t(`code.${question}.text`)}</Text>
        <RefusalAlert text={refused.beside('password')} />
        <OwnPassword
          label={t('password.current')}
          value={password}
          onChange={setPassword}
          error={refused.at('password')}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={send.isPending} {...(question === 'stop' ? { color: 'red' } : {})}>
            {t(`code.${question}.do`)}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function CodeForm({ started, onDone }: { started: Started; onDone(): void }) {
  const { t } = useTranslation('account');
  const [code, setCode] = useState('');
  const confirm = useMutation({ mutationFn: () => api.confirmTwoFactor({ body: { code } }), onSuccess: onDone });
  const refused = useRefusal(confirm.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{t('code.scan')}</Text>
        <QrCode text={started.uri} label={t('code.picture')} />
        <div>
          <Text size="sm" c="dimmed">
            {t('code.typed')}
          </Text>
          <Copyable value={started.secret} name={t('code.secret')} />
        </div>
        <RefusalAlert text={refused.beside('code')} />
        <TextInput
          label={t('code.code')}
          name="code"
          autoComplete="one-time-code"
          inputMode="numeric"
          required
          withAsterisk={false}
          value={code}
          error={refused.at('code')}
          onChange={(event) => setCode(event.currentTarget.value)}
          data-autofocus
        />
        <Button type="submit" loading={confirm.isPending}>
          {t('code.confirm')}
        </Button>
      </Stack>
    </form>
  );
}
