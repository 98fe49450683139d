/** Where a stored file is heard. */
export const fileSound = (org: string, file: string): string =>
  `/api/v1/organizations/${encodeURIComponent(org)}/files/${file}/sound`;

interface SoundPlayerProps {
  src: string;
  /** What is heard, for who does not see the page. */
  label: string;
  onEnded?: () => void;
}

/** Plays a sound, which is read when it is asked for only. */
export function SoundPlayer({ src, label, onEnded }: SoundPlayerProps) {
  return (
    // biome-ignore lint/a11y/useMediaCaption: nobody has written down what was said, and music has no words
    <audio
      controls
      preload="none"
      src={src}
      aria-label={label}
      style={{ width: '100%', height: 40 }}
      onEnded={onEnded}
    />
  );
}
