/** What callers and those called do in the soak, as SIPp scenarios (https://sipp.readthedocs.io) put together from steps. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const CALLERS = ['answered', 'busy', 'cancelled', 'held', 'transferred'] as const;
export type CallerKind = (typeof CALLERS)[number];
export const CALLEES = ['answers', 'is-busy', 'rings-on', 'answers-and-hangs-up'] as const;
export type CalleeKind = (typeof CALLEES)[number];

/** Whom each kind of caller calls. */
export const CALLED: Record<CallerKind, CalleeKind> = {
  answered: 'answers',
  busy: 'is-busy',
  cancelled: 'rings-on',
  held: 'answers',
  transferred: 'answers',
};

const sdp = (direction: string): string => `
      v=0
      o=- 1 [cseq] IN IP4 [local_ip]
      s=-
      c=IN IP4 [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 0
      a=rtpmap:0 PCMU/8000
      a=ptime:20
      a=${direction}
`;

interface Request {
  sequence: number;
  /** In the dialog: to the far end's Contact, with its tag. */
  isInside?: boolean;
  fields?: string;
  body?: string;
  /** An ACK of a refusal and a CANCEL have the branch of their INVITE: `[branch-N]`, N messages back in the scenario. */
  branch?: string;
}

/** Fields of a row: caller's user name; its credentials; whom to call; whom to transfer to. */
function request(method: string, { sequence, isInside, fields = '', body = '', branch }: Request): string {
  const target = 'sip:[field2]@[remote_ip]:[remote_port]';
  const retransmission = method === 'ACK' ? '' : ' retrans="500"';
  return `<send${retransmission}><![CDATA[

      ${method} ${isInside ? '[next_url]' : target} SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch ?? '[branch]'};rport
      From: <sip:[field0]@[local_ip]>;tag=[pid]-[call_number]
      To: <${target}>${isInside || method === 'ACK' ? '[peer_tag_param]' : ''}
      Call-ID: [call_id]
      CSeq: ${sequence} ${method}
      Max-Forwards: 70
      Contact: <sip:[field0]@[local_ip]:[local_port]>
      ${isInside ? '[routes]' : 'User-Agent: soak'}
      ${fields || 'Allow: INVITE, ACK, BYE, CANCEL, REFER, NOTIFY'}
      ${body ? 'Content-Type: application/sdp' : 'Accept: application/sdp'}
      Content-Length: [len]
${body}
    ]]></send>`;
}

const response = (status: string, body = ''): string => `<send${body ? ' retrans="500"' : ''}><![CDATA[

      SIP/2.0 ${status}
      [last_Via:]
      [last_From:]
      [last_To:]${body || status.startsWith('1') || status.startsWith('4') ? ';tag=[pid]-[call_number]' : ''}
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:sipp@[local_ip]:[local_port]>
      ${body ? 'Content-Type: application/sdp' : 'Accept: application/sdp'}
      Content-Length: [len]
${body}
    ]]></send>`;

const recv = (what: string, more = ''): string => `<recv ${what} timeout="10000"${more}/>`;

/** INVITE, challenge, INVITE with credentials. */
const INVITE = [
  request('INVITE', { sequence: 1, body: sdp('sendrecv') }),
  '<recv response="100" optional="true"/>',
  recv('response="401"', ' auth="true"'),
  request('ACK', { sequence: 1, branch: '[branch-3]' }),
  request('INVITE', { sequence: 2, fields: '[field1]', body: sdp('sendrecv') }),
  '<recv response="100" optional="true"/>',
];
const ANSWERED = [
  ...INVITE,
  '<recv response="180" optional="true"/>',
  '<recv response="183" optional="true"/>',
  recv('response="200"', ' rrs="true"'),
  request('ACK', { sequence: 2, isInside: true }),
  '<pause milliseconds="700"/>',
];
const BYE = (sequence: number): string[] => [request('BYE', { sequence, isInside: true }), recv('response="200"')];

const reInvite = (sequence: number, direction: string): string[] => [
  request('INVITE', { sequence, isInside: true, body: sdp(direction) }),
  '<recv response="100" optional="true"/>',
  recv('response="200"', ' rrs="true"'),
  request('ACK', { sequence, isInside: true }),
  '<pause milliseconds="300"/>',
];

const STEPS: Record<CallerKind | CalleeKind, string[]> = {
  answered: [...ANSWERED, ...BYE(3)],
  held: [...ANSWERED, ...reInvite(3, 'sendonly'), ...reInvite(4, 'sendrecv'), ...BYE(5)],
  busy: [
    ...INVITE,
    '<recv response="180" optional="true"/>',
    '<recv response="183" optional="true"/>',
    recv('response="486"'),
    request('ACK', { sequence: 2, branch: '[branch-5]' }),
  ],
  cancelled: [
    ...INVITE,
    recv('response="180"'),
    '<pause milliseconds="300"/>',
    request('CANCEL', { sequence: 2, branch: '[branch-4]' }),
    recv('response="200"'),
    recv('response="487"'),
    request('ACK', { sequence: 2, branch: '[branch-7]' }),
  ],
  transferred: [
    ...ANSWERED,
    request('REFER', {
      sequence: 3,
      isInside: true,
      fields: 'Refer-To: <sip:[field3]@[remote_ip]:[remote_port]>',
    }),
    recv('response="202"'),
    // How it goes is told meanwhile, and answered by SIPp itself (`-aa`).
    recv('request="BYE"'),
    response('200 OK'),
  ],
  answers: [
    '<recv request="INVITE"/>',
    response('180 Ringing'),
    '<pause milliseconds="100"/>',
    response('200 OK', sdp('sendrecv')),
    recv('request="ACK"'),
    '<recv request="BYE"/>',
    response('200 OK'),
  ],
  'answers-and-hangs-up': [
    '<recv request="INVITE" rrs="true"/>',
    response('180 Ringing'),
    response('200 OK', sdp('sendrecv')),
    recv('request="ACK"', ' rrs="true"'),
    '<pause milliseconds="700"/>',
    `<send retrans="500"><![CDATA[

      BYE [next_url] SIP/2.0
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
      [last_To:]
      [last_From:]
      Call-ID: [call_id]
      CSeq: 1 BYE
      Max-Forwards: 70
      [routes]
      Content-Length: 0

    ]]></send>`
      .replace('[last_To:]', 'From: <sip:sipp@[local_ip]>;tag=[pid]-[call_number]')
      .replace('[last_From:]', 'To: <sip:caller@[local_ip]>[peer_tag_param]'),
    recv('response="200"'),
  ],
  'is-busy': ['<recv request="INVITE"/>', response('180 Ringing'), response('486 Busy Here'), recv('request="ACK"')],
  'rings-on': [
    '<recv request="INVITE"/>',
    response('180 Ringing'),
    '<recv request="CANCEL"/>',
    response('200 OK'),
    `<send retrans="500"><![CDATA[

      SIP/2.0 487 Request Terminated
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]-[call_number]
      Call-ID: [call_id]
      CSeq: [cseq] INVITE
      Content-Length: 0

    ]]></send>`,
    recv('request="ACK"'),
  ],
};

/** Writes the scenario into `folder`. @returns its path */
export function scenarioFile(folder: string, kind: CallerKind | CalleeKind): string {
  const path = join(folder, `${kind}.xml`);
  const xml = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE scenario SYSTEM "sipp.dtd">',
    `<scenario name="${kind}">`,
    ...STEPS[kind],
    '</scenario>',
    '',
  ];
  writeFileSync(path, xml.join('\n'));
  return path;
}
