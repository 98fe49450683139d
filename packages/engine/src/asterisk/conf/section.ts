/** Printing of Asterisk's configuration syntax. */

export type Setting = readonly [key: string, value: string | number];

/** `[name]`, optionally with templates or flags, and its settings in order (order matters in some files). */
export function section(name: string, settings: readonly Setting[]): string {
  return `[${name}]\n${settings.map(([key, value]) => `${key} = ${safe(String(value))}\n`).join('')}\n`;
}

/** A line feed would start a new setting, and an unescaped semicolon a comment. */
function safe(value: string): string {
  if (/[\n\r\0]/.test(value)) throw new Error(`not printable in an Asterisk file: ${JSON.stringify(value)}`);
  return value.replaceAll(';', '\\;');
}
