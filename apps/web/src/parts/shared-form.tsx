/**
 * A form of something that others change too, stored by a button. Only what was changed is sent, with what stood there
 * when the form was opened. Where somebody else was faster nothing is stored: both values are shown, field by field, and
 * once whose is to stay is chosen for each, what is left of the own changes is stored. Of what the API takes as a whole all
 * is sent and compared; what somebody else changed of it and this one did not touch is taken over unasked.
 */
import { ApiProblem } from '@littlepbx/contract/client';
import { Paper, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../app/api.ts';
import { type Difference, differenceOf, type Group, isSame, valueAt, withValueAt } from './difference.ts';
import { useUntilBack } from './refusal.ts';
import { Choice } from './torn.tsx';

interface TornField {
  /** Dotted, as the API names it. */
  field: string;
  theirs: unknown;
  by: string | null;
  at: number | null;
}

interface SharedFormSettings<V extends object> {
  /** What stands there, in the shape in which it is sent. */
  stored: V;
  /** What the form shows, in the same shape. */
  wanted: V;
  /** Sends a change, or all of it, with what was seen before; answers with what stands there then. */
  store(difference: Difference, whole: { seen: V; wanted: V }): Promise<V>;
  /** The form is to show these. */
  show(values: V): void;
  onSaved?(): void;
}

export interface SharedForm {
  save(): void;
  isSaving: boolean;
  isSaved: boolean;
  /** Of what was sent last; null: it was not refused, or both values are shown instead. */
  error: unknown;
  /** What of it still holds: a field that was changed since is not refused any more. */
  failure: unknown;
  /** Fields that somebody else was faster at. */
  torn: (TornField & { mine: unknown })[];
  settle(field: string, whose: 'mine' | 'theirs'): void;
}

export function useSharedForm<V extends object>({
  stored,
  wanted,
  store,
  show,
  onSaved,
}: SharedFormSettings<V>): SharedForm {
  const [seen, setSeen] = useState(stored);
  const [torn, setTorn] = useState<TornField[]>([]);
  const save = useMutation({
    mutationFn: async ({ from, to }: { from: V; to: V }) => {
      const difference = differenceOf(from as Group, to as Group);
      return difference === null ? from : store(difference, { seen: from, wanted: to });
    },
    onSuccess: (now) => {
      setSeen(now);
      show(now);
      onSaved?.();
    },
    onError: (error, { from, to }) => {
      const problem = problemOf(error);
      if (problem?.id !== 'stale') return;
      const both: TornField[] = [];
      for (const { field, current, changedBy, changedAt } of problem.fields) {
        if (isSame(valueAt(from as Group, field), valueAt(to as Group, field))) {
          from = withValueAt(from, field, current);
          to = withValueAt(to, field, current);
        } else both.push({ field, theirs: current, by: changedBy?.name ?? null, at: changedAt ?? null });
      }
      setSeen(from);
      setTorn(both);
      show(to);
      if (both.length === 0) save.mutate({ from, to });
    },
  });
  const error = problemOf(save.error)?.id === 'stale' ? null : save.error;
  return {
    save: () => {
      if (torn.length === 0) save.mutate({ from: seen, to: wanted });
    },
    isSaving: save.isPending,
    isSaved: save.isSuccess,
    error,
    failure: stillWrong(useUntilBack(error), save.variables?.to, wanted),
    torn: torn.map((one) => ({ ...one, mine: valueAt(wanted as Group, one.field) })),
    settle(field, whose) {
      const one = torn.find((other) => other.field === field);
      if (!one) return;
      const left = torn.filter((other) => other !== one);
      const from = withValueAt(seen, field, one.theirs);
      const to = whose === 'mine' ? wanted : withValueAt(wanted, field, one.theirs);
      setSeen(from);
      setTorn(left);
      show(to);
      if (left.length === 0) save.mutate({ from, to });
    },
  };
}

/** Without the fields that were changed since. */
function stillWrong(error: unknown, sent: object | undefined, wanted: object): unknown {
  const problem = problemOf(error);
  if (!problem || problem.fields.length === 0 || !sent) return error;
  const fields = problem.fields.filter(({ field }) =>
    isSame(valueAt(sent as Group, field), valueAt(wanted as Group, field)),
  );
  if (fields.length === 0) return null;
  return new ApiProblem({ id: problem.id, status: problem.status, detail: problem.message, fields });
}

interface TornFieldsProps {
  of: Pick<SharedForm, 'torn' | 'settle'>;
  /** What people call a field. */
  name(field: string): string;
  /** A value of it as people read it. */
  inWords(field: string, value: unknown): string;
}

/** Both values of each field that somebody else was faster at. */
export function TornFields({ of: { torn, settle }, name, inWords }: TornFieldsProps) {
  if (torn.length === 0) return null;
  return (
    <Stack gap="sm">
      {torn.map(({ field, mine, theirs, by, at }) => (
        <Paper key={field} p="sm" maw={420} shadow="sm">
          <Text fw={600}>{name(field)}</Text>
          <Choice
            torn={{ mine: inWords(field, mine), theirs: inWords(field, theirs), by, at }}
            onSettle={(whose) => settle(field, whose)}
          />
        </Paper>
      ))}
    </Stack>
  );
}
