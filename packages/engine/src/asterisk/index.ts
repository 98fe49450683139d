/** Entry of the Asterisk driver. */
export { AsteriskEngine } from './engine.ts';
