import {
  Alert,
  Anchor,
  Button,
  Fieldset,
  Group,
  NativeSelect,
  Paper,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { IconArrowLeft, IconCheck } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../app/api.ts';
import { LANGUAGES, type Language, spoken } from '../../app/i18n.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { Form } from '../../parts/form.tsx';
import { useWritten } from '../../parts/moment.ts';
import { PageFrame } from '../../parts/page.tsx';
import { useRefusal } from '../../parts/refusal.ts';
import { RefusalAlert } from '../../parts/refusal-alert.tsx';
import { countryChoices, ownCountry } from './countries.ts';
import { NEW_TRUNK, sentTrunk, TrunkFields, type TypedTrunk } from './trunk-fields.tsx';

interface Typed {
  name: string;
  /** Null: as the name suggests. */
  slug: string | null;
  country: string;
  email: string;
  language: Language;
  extension: string;
  person: string;
  number: string;
  trunk: TypedTrunk | null;
}

/** `Öster & Söhne` is `oster-sohne`. */
export function suggestedSlug(name: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '');
  return words.slice(0, 31).replace(/-+$/, '');
}

function sent({ name, slug, country, email, language, extension, person, number, trunk }: Typed) {
  const hasExtension = extension.trim() !== '';
  return {
    name,
    slug: slug ?? suggestedSlug(name),
    country,
    ...(hasExtension ? { extensions: [{ number: extension.trim(), name: person.trim() || extension.trim() }] } : {}),
    ...(number.trim() === ''
      ? {}
      : { numbers: [{ number, ...(hasExtension ? { extension: extension.trim() } : {}) }] }),
    ...(trunk === null ? {} : { trunk: sentTrunk(trunk) }),
    ...(email.trim() === '' ? {} : { admin: { email: email.trim(), language } }),
  };
}

const FIELDS = ['name', 'slug', 'country', 'admin.email', 'extensions', 'numbers', 'trunk'];

export default function NewOrganizationPage() {
  const { t } = useTranslation('organizations');
  const written = useWritten();
  const queries = useQueryClient();
  const [typed, setTyped] = useState<Typed>(() => ({
    name: '',
    slug: null,
    country: ownCountry(),
    email: '',
    language: spoken(),
    // Not 101: an emergency number in many countries.
    extension: '201',
    person: '',
    number: '',
    trunk: null,
  }));
  const set = (change: Partial<Typed>) => setTyped((was) => ({ ...was, ...change }));
  const make = useMutation({
    mutationFn: () => api.createOrganization({ body: sent(typed) }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['organizations'] }),
  });
  const refused = useRefusal(make.error);
  const beside = refused.beside(...FIELDS);
  if (make.data) {
    return <Made name={make.data.name} slug={make.data.slug} invitation={make.data.adminInvitation} />;
  }
  return (
    <PageFrame title={t('new.title')}>
      <Back />
      <Form onSend={() => make.mutate()} failure={make.error}>
        <Stack maw={760}>
          <RefusalAlert text={beside} />
          <Fieldset legend={t('new.company')} radius="md">
            <Stack gap="sm">
              <TextInput
                label={t('company.name')}
                required
                value={typed.name}
                error={refused.at('name')}
                onChange={(event) => set({ name: event.currentTarget.value })}
              />
              <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
                <TextInput
                  label={t('new.slug')}
                  description={t('new.slugText')}
                  required
                  value={typed.slug ?? suggestedSlug(typed.name)}
                  error={refused.at('slug')}
                  spellCheck={false}
                  onChange={(event) => set({ slug: event.currentTarget.value.toLowerCase() })}
                />
                <NativeSelect
                  label={t('company.country')}
                  description={t('new.countryText')}
                  value={typed.country}
                  error={refused.at('country')}
                  data={countryChoices(written.country)}
                  onChange={(event) => set({ country: event.currentTarget.value })}
                />
              </SimpleGrid>
            </Stack>
          </Fieldset>
          <Fieldset legend={t('new.admin')} radius="md">
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              <TextInput
                type="email"
                label={t('new.email')}
                description={t('new.emailText')}
                value={typed.email}
                error={refused.at('admin.email')}
                onChange={(event) => set({ email: event.currentTarget.value })}
              />
              <NativeSelect
                label={t('new.language')}
                description={t('new.languageText')}
                value={typed.language}
                data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
                onChange={(event) => set({ language: event.currentTarget.value as Language })}
              />
            </SimpleGrid>
          </Fieldset>
          <Fieldset legend={t('new.first')} radius="md">
            <Stack gap="sm">
              <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
                <TextInput
                  label={t('new.extension')}
                  inputMode="numeric"
                  value={typed.extension}
                  error={refused.at('extensions.0.number')}
                  onChange={(event) => set({ extension: event.currentTarget.value })}
                />
                <TextInput
                  label={t('new.person')}
                  value={typed.person}
                  error={refused.at('extensions.0.name')}
                  onChange={(event) => set({ person: event.currentTarget.value })}
                />
              </SimpleGrid>
              <TextInput
                type="tel"
                label={t('new.number')}
                description={t('new.numberText')}
                value={typed.number}
                error={refused.at('numbers.0.number') ?? refused.at('numbers')}
                onChange={(event) => set({ number: event.currentTarget.value })}
              />
            </Stack>
          </Fieldset>
          <Fieldset legend={t('new.trunk')} radius="md">
            <Stack gap="sm">
              <Switch
                label={t('new.hasTrunk')}
                description={t('new.hasTrunkText')}
                checked={typed.trunk !== null}
                onChange={(event) => set({ trunk: event.currentTarget.checked ? NEW_TRUNK : null })}
              />
              {typed.trunk !== null && (
                <TrunkFields
                  typed={typed.trunk}
                  prefix="trunk."
                  refused={refused}
                  onChange={(change) => setTyped((was) => ({ ...was, trunk: { ...was.trunk!, ...change } }))}
                />
              )}
            </Stack>
          </Fieldset>
          <Group>
            <Button type="submit" loading={make.isPending}>
              {t('new.make')}
            </Button>
          </Group>
        </Stack>
      </Form>
    </PageFrame>
  );
}

function Back() {
  const { t } = useTranslation('organizations');
  return (
    <Anchor size="sm" renderRoot={(props) => <Link to="/operator/organizations" {...props} />}>
      <Group gap={4} component="span">
        <IconArrowLeft size={16} aria-hidden />
        {t('list.title')}
      </Group>
    </Anchor>
  );
}

interface MadeProps {
  name: string;
  slug: string;
  invitation: { email: string; isMailed: boolean; link: string | null } | null;
}

function Made({ name, slug, invitation }: MadeProps) {
  const { t } = useTranslation('organizations');
  return (
    <PageFrame title={t('made.title', { name })}>
      <Paper p="lg" maw={760}>
        <Stack>
          <Group gap="xs">
            <IconCheck aria-hidden />
            <Text fw={600}>{t('made.text')}</Text>
          </Group>
          {invitation?.isMailed && <Text>{t('made.mailed', { email: invitation.email })}</Text>}
          {invitation?.link != null && (
            <Alert color="orange" title={t('made.notMailed', { email: invitation.email })}>
              <Stack gap="xs">
                <Text size="sm">{t('made.linkText')}</Text>
                <Copyable value={invitation.link} name={t('made.link')} />
              </Stack>
            </Alert>
          )}
          <Group>
            <Button renderRoot={(props) => <Link to={`/operator/organizations/${slug}`} {...props} />}>
              {t('made.open')}
            </Button>
            <Button variant="default" renderRoot={(props) => <Link to={`/o/${slug}/phones`} {...props} />}>
              {t('made.phones')}
            </Button>
          </Group>
        </Stack>
      </Paper>
    </PageFrame>
  );
}
