/** An E.164 number in groups of digits that can be read aloud; other text as it is. */
export function readable(number: string): string {
  const [, country, national] = /^(\+1|\+7|\+\d\d)(\d{5,13})$/.exec(number) ?? [];
  if (country === undefined || national === undefined) return number;
  // London and other cities of the two-digit codes.
  if (country === '+44' && /^2\d{9}$/.test(national)) return number.replace(/(\d\d)(\d{4})(\d{4})$/, ' $1 $2 $3');
  const groups = national.match(/\d{3}(?=\d{3})|\d+$/g) ?? [national];
  return [country, ...groups].join(' ');
}
