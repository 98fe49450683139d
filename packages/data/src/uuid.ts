const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Postgres refuses any other text for a uuid with an error, which would be a fault and not "not found". */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
