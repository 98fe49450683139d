import type { SoundFile } from '@littlepbx/core/files/files';
import { uuidv7 } from './installation.ts';

/** One second of a recorded call. */
export function soundFile(organizationId: string, file: Partial<SoundFile> = {}): SoundFile {
  return {
    id: uuidv7(),
    organizationId,
    kind: 'recording',
    name: null,
    callId: null,
    details: file.kind === 'voicemail' ? { extensionId: uuidv7() } : {},
    bytes: 16_044,
    duration: 1000,
    createdAt: Date.now(),
    ...file,
  };
}
