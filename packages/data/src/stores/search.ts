/**
 * Pattern for ILIKE that finds a text in the middle of another. Of what looks like a number only the digits count, and not the
 * zeros before them: numbers are stored with their country's code in their place.
 */
export function patternOf(search: string): string {
  const digits = search.replace(/[^0-9]/g, '');
  const isNumber = digits !== '' && /^[+0-9 ()./-]+$/.test(search);
  const text = isNumber ? digits.replace(/^0+(?=.{4})/, '') : search.replace(/[\\%_]/g, '\\$&');
  return `%${text}%`;
}
