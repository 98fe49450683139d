// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is Asterisk's syntax here
/**
 * The whole dialplan. It decides nothing while a brain is there: it hands the call over. Without one it rings phones,
 * lets emergency calls out, and keeps a record.
 *
 * User input is `EXTEN`, the To header and caller IDs. Each passes FILTER() before it is an argument of anything; dial
 * strings come from our own rows. Names in `fallback` cannot be dialled: endpoints live in `devices` and `carriers`.
 *
 * Global variables, set by the brain; times in epoch seconds:
 * - `LPBX_BEAT`: its last sign of life. Older than 2 s: calls go to the fallback at once (a hung brain keeps its socket
 *   open, so `STASISSTATUS` would never say FAILED).
 * - `LPBX_SHED`, `LPBX_SHED_<organization without ->`: until then new calls are refused with 503, emergency calls not.
 *   Looked at first and without a `Set`: a step of the dialplan costs some 0.1 ms of CPU, and refusals come in floods.
 */

export const STASIS_APP = 'littlepbx';
export const CONTEXTS = {
  device: 'devices',
  secureDevice: 'devices-tls',
  carrier: 'carriers',
  echo: 'echo',
  messagesWaiting: 'mwi',
  /** By what the device must use. */
  suspended: { any: 'devices-suspended', tls: 'devices-tls-suspended' },
} as const;
/** Domain of all voicemail boxes: their names are unique without it. */
export const MAILBOX_DOMAIN = 'boxes';

/** How many calls the engine makes by itself, in all and per organization. Emergency calls are not counted. */
export const FALLBACK_CALLS = 60;
export const FALLBACK_CALLS_PER_ORGANIZATION = 20;

/** Prefixes for outside lines included. */
const LONGEST_EMERGENCY_NUMBER = 8;
const SHED_ORGANIZATION = 'LPBX_SHED_${FILTER(0-9a-f,${CHANNEL(accountcode)})}';

const NOW_IN_MS = '${STRFTIME(,,%s%3q)}';
const SAFE = '0-9A-Za-z*#+';

/**
 * Set by our module in the engine (`guard`) for each call that comes in, so that nothing has to be asked for; it refuses such
 * Call-IDs as are spoken of below. An engine without it asks.
 */
const IS_KNOWN = '"${LPBX_PRESENTATION}" != ""';

/**
 * Refuses a call whose Call-ID is more than printable ASCII. As `protocol_id` it stands in the channel's JSON, the one text
 * there that Asterisk does not check: bytes that are no UTF-8 make StasisStart fail, the caller waits for ever, and
 * `GET /ari/channels` answers 500 as long as such a channel lives (seen in 22.10.1).
 */
const HAS_PRINTABLE_CALL_ID = '${REGEX("^[!-~]*$" ${CHANNEL(pjsip,call-id)})}';

const IS_BRAIN_ALIVE = '0${GLOBAL(LPBX_BEAT)} + 2 >= ${EPOCH}';

/** Without asking the SIP thread, as `CHANNEL(endpoint)` does: `PJSIP/<endpoint>-0000001a`. */
const ENDPOINT = '${CHANNEL(name):6:-9}';

/**
 * One call enters: gate, beat, Stasis, retries for about a second, fallback. What the fallback alone needs is set on the way
 * there: a step costs some 0.1 ms of CPU, and a question to the SIP thread (`CHANNEL(pjsip,…)`, `PJSIP_HEADER`) as much again.
 */
function entry(
  kind: 'device' | 'carrier',
  o: { beforeStasis?: string[]; stasisArguments: string; beforeFallback?: string[] },
): string[] {
  return [
    // Explicit, because the pattern would match it: on hang-up a call would enter Stasis a second time. It must end the
    // run: after NoOp() Asterisk goes on with the pattern's second priority (seen).
    'exten => h,1,Hangup()',
    `exten => _[${SAFE}]!,1,GotoIf($[0\${GLOBAL(LPBX_SHED)} > \${EPOCH} | 0\${GLOBAL(${SHED_ORGANIZATION})} > \${EPOCH}]?shed)`,
    `same => n(enter),GotoIf($[${IS_KNOWN} & ${IS_BRAIN_ALIVE}]?hand)`,
    ...(kind === 'device' ? [`same => n,Set(LPBX_PRESENTATION=${DEVICE_PRESENTATION})`] : []),
    `same => n,GotoIf($[${HAS_PRINTABLE_CALL_ID} & ${IS_BRAIN_ALIVE}]?hand:aside)`,
    ...(o.beforeStasis ?? []).map((line, i) => `same => n${i === 0 ? '(hand)' : ''},${line}`),
    `same => n${o.beforeStasis ? '' : '(hand)'},Stasis(${STASIS_APP},${kind},${o.stasisArguments})`,
    'same => n,GotoIf($["${STASISSTATUS}" = "FAILED"]?away)',
    'same => n,Hangup()',
    `same => n(aside),GotoIf(${HAS_PRINTABLE_CALL_ID}?hung)`,
    'same => n,Hangup(21)',
    // Nobody decides: no try is left.
    'same => n(hung),Set(LPBX_TRIES=3)',
    `same => n(away),Set(LPBX_NUMBER=\${FILTER(${SAFE},\${EXTEN})})`,
    'same => n,Set(LPBX_ORG=${CHANNEL(accountcode)})',
    ...(o.beforeFallback ?? []).map((line) => `same => n,${line}`),
    `same => n,GotoIf($[\${LEN(${emergency()})} > 0]?fallback,${kind},1)`,
    'same => n,Set(LPBX_TRIES=$[0${LPBX_TRIES} + 1])',
    `same => n,GotoIf($[\${LPBX_TRIES} > 3]?fallback,${kind},1)`,
    'same => n,Wait(0.3)',
    'same => n,Goto(hand)',
    `same => n(shed),GotoIf($[\${LEN(\${EXTEN})} <= ${LONGEST_EMERGENCY_NUMBER} & \${LEN(${emergency('${CHANNEL(accountcode)}', '${EXTEN}')})} > 0]?enter)`,
    // Cause 42 becomes 503.
    'same => n,Hangup(42)',
  ];
}

/**
 * A suspended device. The brain refuses it, and says why; without one it gets no further than this. Emergency calls go
 * their way.
 */
function suspended(otherwise: string): string[] {
  return [
    'exten => h,1,Hangup()',
    `exten => _[${SAFE}]!,1,Set(LPBX_NUMBER=\${FILTER(${SAFE},\${EXTEN})})`,
    'same => n,Set(LPBX_ORG=${CHANNEL(accountcode)})',
    `same => n,GotoIf($[${IS_BRAIN_ALIVE}]?${otherwise},\${LPBX_NUMBER},1)`,
    `same => n,GotoIf($[\${LEN(${emergency()})} > 0]?${otherwise},\${LPBX_NUMBER},1)`,
    'same => n,Hangup(21)',
  ];
}

/** Row of an emergency number of the caller's organization; empty else. Carriers have none: their key has no org. */
function emergency(organization = '${LPBX_ORG}', number = '${LPBX_NUMBER}'): string {
  return `\${REALTIME_FIELD(lpbx_emergency,id,${organization}*\${FILTER(0-9*#+,${number})},dial)}`;
}

const PRESENTATION =
  '${IF($["${CALLERID(pres):0:6}" = "prohib" | ' +
  '"${TOLOWER(${FILTER(A-Za-z,${CALLERID(num)})})}" = "anonymous"]?prohib:allowed)}';

/** A phone asks for privacy by a header alone (RFC 3323); `none` asks for none. What else it says of itself is ignored. */
const DEVICE_PRESENTATION =
  '${IF($["x${FILTER(a-z,${TOLOWER(${PJSIP_HEADER(read,Privacy)})})}" =~ "^x$|^xnone$"]?allowed:prohib)}';

/** The user part of To, for carriers that put their own account into the request URI. */
const TO = [
  'Set(LPBX_URI=${CHANNEL(pjsip,local_uri)})',
  `Set(LPBX_TO=\${FILTER(${SAFE},\${PJSIP_PARSE_URI_FROM(LPBX_URI,user)})})`,
];

/** DID as digits without prefix, as the numbers are keyed. */
function byDid(variable: string): string[] {
  return [
    `Set(LPBX_DID=\${FILTER(0-9,\${${variable}})})`,
    'Set(LPBX_DID=${IF($["${LPBX_DID:0:2}" = "00"]?${LPBX_DID:2}:${LPBX_DID})})',
    'Set(LPBX_KEY=${CHANNEL(endpoint)}*${LPBX_DID})',
    'Set(LPBX_DIAL=${REALTIME_FIELD(lpbx_numbers,id,${LPBX_KEY},dial)})',
    'GotoIf($[${LEN(${LPBX_DIAL})} > 0]?found)',
  ];
}

/** Opens the record of a fallback call. A row that is never completed means that the engine died in it. */
const RECORD = [
  `Set(REALTIME_STORE(lpbx_fallback_calls,id,organization,kind,caller,callee,started_at)=\${UNIQUEID},\${LPBX_ORG},\${LPBX_KIND},\${FILTER(${SAFE},\${CALLERID(num)})},\${LPBX_CALLEE},${NOW_IN_MS})`,
  'Set(CHANNEL(hangup_handler_push)=fallback-ended,s,1)',
];

const CONTEXT_LINES: Record<string, string[]> = {
  [CONTEXTS.device]: entry('device', {
    stasisArguments: `\${FILTER(${SAFE},\${EXTEN})},\${LPBX_PRESENTATION},${ENDPOINT}`,
  }),

  // Devices that must use TLS: what came another way is refused before it costs more.
  [CONTEXTS.secureDevice]: [
    'exten => h,1,Hangup()',
    `exten => _[${SAFE}]!,1,Set(LPBX_VIA=\${PJSIP_HEADER(read,Via)})`,
    `same => n,GotoIf($["\${LPBX_VIA:8:3}" = "TLS"]?${CONTEXTS.device},\${FILTER(${SAFE},\${EXTEN})},1)`,
    'same => n,Hangup(21)',
  ],

  [CONTEXTS.suspended.any]: suspended(CONTEXTS.device),
  [CONTEXTS.suspended.tls]: suspended(CONTEXTS.secureDevice),

  [CONTEXTS.carrier]: entry('carrier', {
    beforeStasis: [...TO, 'Set(LPBX_ADDRESS=${CHANNEL(pjsip,remote_addr)})'],
    stasisArguments: `\${CUT(LPBX_ADDRESS,:,1)},\${LPBX_TO},${PRESENTATION},\${FILTER(${SAFE},\${EXTEN})},${ENDPOINT}`,
    beforeFallback: TO,
  }),

  [CONTEXTS.echo]: ['exten => s,1,Answer()', 'same => n,Echo()', 'same => n,Hangup()'],

  // Reached by a Local channel of ours alone: <box>*<new>*<old>.
  [CONTEXTS.messagesWaiting]: [
    'exten => h,1,Hangup()',
    `exten => _[0-9a-f]!,1,MinivmMWI(\${CUT(EXTEN,*,1)}@${MAILBOX_DOMAIN},0,\${CUT(EXTEN,*,2)},\${CUT(EXTEN,*,3)})`,
    'same => n,Hangup()',
  ],

  fallback: [
    'exten => device,1,Set(LPBX_CALLEE=${FILTER(0-9*#+,${LPBX_NUMBER})})',
    'same => n,Set(LPBX_KEY=${LPBX_ORG}*${LPBX_CALLEE})',
    `same => n,Set(LPBX_DIAL=${emergency()})`,
    'same => n,GotoIf($[${LEN(${LPBX_DIAL})} > 0]?emergency,1)',
    'same => n,Set(LPBX_DIAL=${REALTIME_FIELD(lpbx_extensions,id,${LPBX_KEY},dial)})',
    'same => n,GotoIf($[${LEN(${LPBX_DIAL})} = 0]?sorry,1)',
    'same => n,Set(LPBX_RING=${REALTIME_FIELD(lpbx_extensions,id,${LPBX_KEY},ring_time)})',
    'same => n,Set(LPBX_KIND=internal)',
    'same => n,Goto(ring,1)',

    `exten => carrier,1,${byDid('LPBX_NUMBER')[0]}`,
    ...byDid('LPBX_NUMBER')
      .slice(1)
      .map((line) => `same => n,${line}`),
    ...byDid('LPBX_TO').map((line) => `same => n,${line}`),
    'same => n,Hangup(1)',
    'same => n(found),Set(LPBX_RING=${REALTIME_FIELD(lpbx_numbers,id,${LPBX_KEY},ring_time)})',
    'same => n,Set(LPBX_ORG=${REALTIME_FIELD(lpbx_numbers,id,${LPBX_KEY},organization)})',
    'same => n,Set(LPBX_CALLEE=+${LPBX_DID})',
    'same => n,Set(LPBX_KIND=inbound)',
    'same => n,Goto(ring,1)',

    'exten => ring,1,Set(GROUP(lpbx)=fallback)',
    'same => n,Set(GROUP(lpbx_org)=${LPBX_ORG})',
    `same => n,GotoIf($[\${GROUP_COUNT(fallback@lpbx)} > ${FALLBACK_CALLS}]?full,1)`,
    `same => n,GotoIf($[\${GROUP_COUNT(\${LPBX_ORG}@lpbx_org)} > ${FALLBACK_CALLS_PER_ORGANIZATION}]?full,1)`,
    ...RECORD.map((line) => `same => n,${line}`),
    // i: a phone's 302 would otherwise be followed past every check.
    'same => n,Dial(${LPBX_DIAL},${LPBX_RING},iU(fallback-answered^${UNIQUEID}))',
    'same => n,Goto(failed,1)',

    'exten => emergency,1,Set(LPBX_KIND=emergency)',
    ...RECORD.map((line) => `same => n,${line}`),
    'same => n,Set(LPBX_CALLER=${REALTIME_FIELD(lpbx_emergency,id,${LPBX_KEY},caller_id)})',
    'same => n,Set(CALLERID(num)=${IF($[${LEN(${LPBX_CALLER})} > 0]?${LPBX_CALLER}:${CALLERID(num)})})',
    'same => n,Set(CALLERID(name)=)',
    'same => n,Set(CALLERID(pres)=allowed)',
    'same => n,Dial(${LPBX_DIAL},120,iU(fallback-answered^${UNIQUEID}))',
    'same => n,Goto(failed,1)',

    'exten => failed,1,GotoIf($["${DIALSTATUS}" = "BUSY"]?busy)',
    'same => n,GotoIf($["${DIALSTATUS}" = "NOANSWER"]?noanswer)',
    'same => n,GotoIf($["${DIALSTATUS}" = "CHANUNAVAIL"]?unavailable)',
    'same => n,Hangup(34)',
    'same => n(busy),Hangup(17)',
    'same => n(noanswer),Hangup(19)',
    'same => n(unavailable),Hangup(20)',

    // Early media, so nobody pays for hearing it. Counted, or a flood of wrong numbers would fill the engine.
    'exten => sorry,1,Set(GROUP(lpbx)=sorry)',
    `same => n,GotoIf($[\${GROUP_COUNT(sorry@lpbx)} > ${FALLBACK_CALLS}]?full,1)`,
    'same => n,Progress()',
    'same => n,Playback(all-circuits-busy-now&please-try-call-later,noanswer)',
    'same => n,Hangup(34)',

    'exten => full,1,Hangup(42)',
  ],

  // On the answering phone's channel, between its answer and the bridge. ARG1 is our own id of the call.
  'fallback-answered': [
    `exten => s,1,Set(REALTIME(lpbx_fallback_calls,id,\${ARG1},answered_at)=${NOW_IN_MS})`,
    'same => n,Return()',
  ],

  // `ended_at` last: it completes the row. No DIALSTATUS: the caller hung up before Dial came back.
  'fallback-ended': [
    'exten => s,1,Set(REALTIME(lpbx_fallback_calls,id,${UNIQUEID},outcome)=${IF($["${DIALSTATUS}" = ""]?CANCEL:${DIALSTATUS})})',
    `same => n,Set(REALTIME(lpbx_fallback_calls,id,\${UNIQUEID},ended_at)=${NOW_IN_MS})`,
    'same => n,Return()',
  ],
};

export function extensionsConf(): string {
  const contexts = Object.entries(CONTEXT_LINES).map(([name, lines]) => `[${name}]\n${lines.join('\n')}\n`);
  return `[general]\nstatic = yes\nwriteprotect = yes\nautofallthrough = yes\n\n${contexts.join('\n')}`;
}
