/** Entry of the Asterisk driver. */

export { AUTHORITIES, AUTHORITY } from './authorities.ts';
export { prepareEngineFiles } from './config-file.ts';
export { type AsteriskDirectory, type AsteriskDirectorySettings, createAsteriskDirectory } from './directory.ts';
export { AsteriskEngine } from './engine.ts';
export { AsteriskSecurityEvents } from './security-events.ts';
