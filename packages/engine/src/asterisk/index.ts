/** Entry of the Asterisk driver. */

export { type AsteriskDirectory, type AsteriskDirectorySettings, createAsteriskDirectory } from './directory.ts';
export { AsteriskEngine } from './engine.ts';
