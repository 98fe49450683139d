import { ActionIcon, Group, Stack, Text } from '@mantine/core';
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { lengthOf } from './clock.ts';

/** Where a stored file is heard. */
export const fileSound = (org: string, file: string): string =>
  `/api/v1/organizations/${encodeURIComponent(org)}/files/${file}/sound`;

interface SoundPlayerProps {
  src: string;
  /** What is heard, for who does not see the page. */
  label: string;
  /** Milliseconds; undefined: it is known once it is played. */
  duration?: number | undefined;
  onEnded?: () => void;
}

/** In the dark, one on which the browser draws a dark track: on the usual indigo it draws a white one. */
const ACCENT = 'light-dark(var(--mantine-color-indigo-7), var(--mantine-color-indigo-4))';

/** Plays a sound, which is read when it is asked for only. The browser's own controls say 0:00 until then. */
export const SoundPlayer = (props: SoundPlayerProps) => <Player key={props.src} {...props} />;

function Player({ src, label, duration, onEnded }: SoundPlayerProps) {
  const { t } = useTranslation('parts');
  const sound = useRef<HTMLAudioElement>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [isBroken, setBroken] = useState(false);
  const [at, setAt] = useState(0);
  const [heard, setHeard] = useState<number>();
  const length = heard ?? duration;
  const playOrPause = () => {
    const it = sound.current!;
    if (!it.paused) return it.pause();
    if (isBroken) it.load();
    setBroken(false);
    // Whoever pauses before it has begun wants no sound; a broken one is told of by its event.
    it.play().catch(() => {});
  };
  const go = (to: number) => {
    setAt(to);
    sound.current!.currentTime = to / 1000;
  };
  return (
    <Stack gap={4} role="group" aria-label={label}>
      {/* biome-ignore lint/a11y/useMediaCaption: nobody has written down what was said, and music has no words */}
      <audio
        ref={sound}
        preload="none"
        src={src}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={({ currentTarget }) => setAt(currentTarget.currentTime * 1000)}
        onDurationChange={({ currentTarget }) => {
          if (Number.isFinite(currentTarget.duration)) setHeard(currentTarget.duration * 1000);
        }}
        onEnded={() => {
          go(0);
          onEnded?.();
        }}
        onError={() => {
          setPlaying(false);
          setBroken(true);
        }}
      />
      <Group gap="xs" wrap="nowrap">
        <ActionIcon
          size={36}
          radius="xl"
          variant="light"
          aria-label={isPlaying ? t('sound.pause') : t('sound.play')}
          onClick={playOrPause}
        >
          {isPlaying ? <IconPlayerPauseFilled size={16} aria-hidden /> : <IconPlayerPlayFilled size={16} aria-hidden />}
        </ActionIcon>
        <input
          type="range"
          min={0}
          max={Math.max(length ?? 0, 1)}
          step={100}
          value={at}
          disabled={length === undefined}
          aria-label={t('sound.position')}
          aria-valuetext={lengthOf(at)}
          style={{ flex: 1, minWidth: 0, accentColor: ACCENT }}
          onChange={({ currentTarget }) => go(Number(currentTarget.value))}
        />
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }}>
          {lengthOf(at)}
          {length !== undefined && ` / ${lengthOf(length)}`}
        </Text>
      </Group>
      {isBroken && (
        <Text size="xs" c="red" role="alert">
          {t('sound.broken')}
        </Text>
      )}
    </Stack>
  );
}
