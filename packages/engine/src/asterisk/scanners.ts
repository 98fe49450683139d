/**
 * Software that looks for open phone systems tells its name. Asterisk cannot refuse a User-Agent, but it can take it for
 * that of an endpoint, and this endpoint's access list refuses every address: the scanner is challenged as everybody,
 * can never authenticate, and the `FailedACL` event names the endpoint.
 */
import { endpoint, type Row, type RowSettings } from './rows.ts';

/** No device has it: usernames are longer. */
export const SCANNER_ENDPOINT = 'scanner';

/** Parts of User-Agents, in any case. No phone's: those name maker and model. */
const SCANNERS = [
  'friendly-scanner',
  'friendly-request',
  'sipvicious',
  'sipcli',
  'sip-scan',
  'sipscan',
  'scan.sip',
  'sundayddr',
  'VaxSIPUserAgent',
  'VaxIPUserAgent',
  'pplsip',
  'smap ',
  'sipptk',
  'svmap',
  'svwar',
  'svcrack',
] as const;

/** Asterisk's regular expressions are extended ones and mind the case. */
function pattern(): string {
  const either = (c: string) => (/[a-z]/i.test(c) ? `[${c.toLowerCase()}${c.toUpperCase()}]` : c.replace('.', '[.]'));
  return SCANNERS.map((name) => [...name].map(either).join('')).join('|');
}

export function scannerRows(settings: RowSettings): Row[] {
  const nobody = endpoint(SCANNER_ENDPOINT, 'device', true, { context: 'none', allow: '!all,ulaw' }, settings);
  return [
    { ...nobody, columns: { ...nobody.columns, identify_by: 'header', deny: '0.0.0.0/0,::/0' } },
    {
      table: 'ps_endpoint_id_ips',
      id: SCANNER_ENDPOINT,
      columns: { endpoint: SCANNER_ENDPOINT, match: '', srv_lookups: 'no', match_header: `User-Agent: /${pattern()}/` },
    },
  ];
}
