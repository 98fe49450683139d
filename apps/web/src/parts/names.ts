/** What people call the numbers and phones that calls speak of. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useOrganization } from '../app/session.ts';
import { devicesQuery, extensionsQuery } from './extensions.ts';
import { readable } from './phone-number.ts';

export interface Names {
  /** Name of the person at an extension; null: none of ours, or gone. */
  person(number: string): string | null;
  /** `Alice Johnson (101)`, or a number that can be read aloud. */
  label(number: string): string;
  /** Name of a phone by its username; null: gone, or no phone. */
  phone(username: string): string | null;
  /** All extensions, by number. */
  extensions: { number: string; name: string }[];
}

export function useNames(): Names {
  const { slug: org, may } = useOrganization();
  const { data: extensions } = useQuery({
    ...extensionsQuery(org),
    enabled: may('extensions:read'),
    staleTime: 60_000,
  });
  const { data: devices } = useQuery({
    ...devicesQuery(org),
    enabled: may('devices:read'),
    staleTime: 60_000,
  });
  return useMemo(() => namesOf(extensions ?? [], devices ?? []), [extensions, devices]);
}

/** Of these extensions and phones. */
export function namesOf(
  extensions: { number: string; name: string }[],
  devices: { username: string; name: string }[],
): Names {
  const people = new Map(extensions.map(({ number, name }) => [number, name]));
  const phones = new Map(devices.map(({ username, name }) => [username, name]));
  const person = (number: string) => people.get(number) ?? null;
  return {
    person,
    label: (number) => {
      const name = person(number);
      return name === null ? readable(number) : `${name} (${number})`;
    },
    phone: (username) => phones.get(username) ?? null,
    extensions,
  };
}
