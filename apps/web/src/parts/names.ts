/** What people call the numbers and phones that calls speak of: as it is in effect, not as the draft has it. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useOrganization } from '../app/session.ts';
import { colleaguesQuery, devicesQuery } from './extensions.ts';
import { readable } from './phone-number.ts';

export interface Names {
  /** Name of the person at an extension; null: none of ours, or gone. */
  person(number: string): string | null;
  /**
   * `Alice Johnson (101)`, or a number that can be read aloud.
   * @param then what the person was called at the time, where that is known
   */
  label(number: string, then?: string | null): string;
  /** Name of a phone by its username; null: gone, or no phone. */
  phone(username: string): string | null;
  /** All extensions that are in effect, by number. */
  extensions: { number: string; name: string }[];
}

export function useNames(): Names {
  const { slug: org, may } = useOrganization();
  const { data: extensions } = useQuery({
    ...colleaguesQuery(org),
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
    label: (number, then) => {
      const name = then || person(number);
      return name === null ? readable(number) : `${name} (${readable(number)})`;
    },
    phone: (username) => phones.get(username) ?? null,
    extensions,
  };
}
