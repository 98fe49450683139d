/** An E.164 number in groups of digits that can be read aloud; other text as it is. */
export function readable(number: string): string {
  const [, country, national] = /^(\+1|\+7|\+\d\d)(\d{5,13})$/.exec(number) ?? [];
  if (country === undefined || national === undefined) return number;
  const groups = national.match(/\d{3}(?=\d{3})|\d+$/g) ?? [national];
  return [country, ...groups].join(' ');
}
