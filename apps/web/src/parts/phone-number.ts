/** Country codes of one and two digits; all others have three. */
const NUMBER = /^(\+(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3}))(\d{5,13})$/;

/** An E.164 number in groups of digits that can be read aloud; other text as it is. */
export function readable(number: string): string {
  const [, country, national] = NUMBER.exec(number) ?? [];
  if (country === undefined || national === undefined) return number;
  // London and other cities of the two-digit codes.
  if (country === '+44' && /^2\d{9}$/.test(national)) return number.replace(/(\d\d)(\d{4})(\d{4})$/, ' $1 $2 $3');
  const groups = national.match(/\d{3}(?=\d{3})|\d+$/g) ?? [national];
  return [country, ...groups].join(' ');
}

/** How numbers begin where this one is from: `+44 20 …`. */
export const beginningLike = (number: string): string => [...readable(number).split(' ').slice(0, 2), '…'].join(' ');
