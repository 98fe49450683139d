/** Where a call goes: nowhere, voicemail, an extension, or an outside number. Chosen from a list, or typed. */
import { Combobox, InputBase, type InputBaseProps, Text, useCombobox } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFieldRefusal } from './refusal.ts';
import { useStored } from './stored.ts';
import type { Marked } from './stored-fields.tsx';
import { TwoValues } from './torn.tsx';

export interface Target {
  value: string;
  label: string;
}

interface TargetFieldProps
  extends Pick<InputBaseProps, 'size' | 'disabled' | 'w' | 'miw' | 'label' | 'variant'>,
    Marked {
  /** Of the API. */
  field: string;
  /** What people call it, and whose it is. */
  name: string;
  stored: string | null;
  /** @param was what was there when the typing began */
  store(value: string | null, was: string | null): Promise<string | null>;
  extensions: readonly Target[];
  hasVoicemail: boolean;
  /** Outside numbers may be typed. */
  isOpen: boolean;
  /** What it is when nothing is chosen. */
  nothing: string;
  /** Not offered: an extension that a call comes from cannot be where it goes. */
  own?: string;
}

/** More are found by typing. */
const SHOWN = 50;

export function TargetField({
  field,
  name,
  stored,
  store,
  extensions,
  hasVoicemail,
  isOpen,
  nothing,
  own,
  mark,
  ...props
}: TargetFieldProps) {
  const { t } = useTranslation('common');
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const voicemail = t('target.voicemail');
  const labelOf = (value: string | null): string => {
    if (value === null) return '';
    if (value === 'voicemail') return voicemail;
    return extensions.find((extension) => extension.value === value)?.label ?? value;
  };
  // What is typed is text; what is stored is a number, `voicemail` or null.
  const meantBy = (text: string): string | null => {
    const typed = text.trim();
    if (typed === '') return null;
    if (typed.toLocaleLowerCase() === voicemail.toLocaleLowerCase()) return 'voicemail';
    return extensions.find(({ label, value }) => label === typed || value === typed)?.value ?? typed;
  };
  const it = useStored({
    name,
    stored: labelOf(stored),
    store: async (text, was) => labelOf(await store(meantBy(text), meantBy(was))),
    told: (current) => labelOf(current as string | null),
    inWords: (text) => text || nothing,
  });
  const refusal = useFieldRefusal(it.failure, field);

  // Where only the list counts, what is typed looks something up in it.
  const [lookedFor, lookFor] = useState<string | null>(null);
  const shown = lookedFor ?? it.value;
  const isTyped = shown !== labelOf(stored);
  // What is typed may be stored before the list is left.
  const [beforeTyping, setBeforeTyping] = useState(shown);
  const options = useMemo(() => {
    if (!combobox.dropdownOpened) return [];
    const wanted = isTyped ? shown.trim().toLocaleLowerCase() : '';
    const all = [...(hasVoicemail ? [{ value: 'voicemail', label: voicemail }] : []), ...extensions];
    return all
      .filter(({ label, value }) => value !== own && label.toLocaleLowerCase().includes(wanted))
      .slice(0, SHOWN);
  }, [combobox.dropdownOpened, extensions, hasVoicemail, isTyped, own, shown, voicemail]);

  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(value) => {
        lookFor(null);
        const chosen = value === '' ? '' : labelOf(value);
        setBeforeTyping(chosen);
        it.choose(chosen);
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target>
        <InputBase
          {...(props.label ? {} : { 'aria-label': name })}
          {...props}
          placeholder={nothing}
          ref={it.input}
          data-marked={mark && true}
          value={shown}
          error={refusal ?? (!isTyped && mark)}
          rightSection={<Combobox.Chevron />}
          rightSectionPointerEvents="none"
          inputContainer={(input) => <TwoValues of={it}>{input}</TwoValues>}
          onClick={() => combobox.openDropdown()}
          onFocus={(event) => {
            setBeforeTyping(shown);
            event.currentTarget.select();
          }}
          onChange={(event) => {
            if (isOpen) it.change(event.currentTarget.value);
            else lookFor(event.currentTarget.value);
            combobox.openDropdown();
            combobox.updateSelectedOptionIndex();
          }}
          onBlur={() => {
            combobox.closeDropdown();
            lookFor(null);
            it.leave();
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            lookFor(null);
            it.forget();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options mah={260} style={{ overflowY: 'auto' }}>
          {/* Whoever looks for something by typing does not mean nothing: arrow and Enter would take back what was typed. */}
          {shown === beforeTyping && (
            <Combobox.Option value="">
              <Text size="sm" c="dimmed">
                {nothing}
              </Text>
            </Combobox.Option>
          )}
          {options.map(({ value, label }) => (
            <Combobox.Option key={value} value={value} active={value === stored}>
              {label}
            </Combobox.Option>
          ))}
          {isOpen && <Combobox.Footer fz="xs">{t('target.orTyped')}</Combobox.Footer>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
