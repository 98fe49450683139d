import { fileURLToPath } from 'node:url';
import type { ConfSettings } from './index.ts';

/**
 * What Asterisk loads. By name only: what is not loaded can neither be attacked nor cost anything (autoload brings
 * 250 modules, an anonymous endpoint identifier and a CDR writer among them). CDR and CEL are missing on purpose:
 * the brain keeps the records.
 */
const MODULES = {
  'realtime from SQLite': ['res_config_sqlite3', 'res_realtime', 'func_realtime'],
  'sorcery back ends': [
    'res_sorcery_config',
    'res_sorcery_memory',
    'res_sorcery_memory_cache',
    'res_sorcery_astdb',
    'res_sorcery_realtime',
  ],
  basics: ['res_timing_timerfd', 'res_http_websocket', 'res_websocket_client', 'res_musiconhold'],
  SIP: [
    'res_pjproject',
    'res_pjsip',
    'res_pjsip_session',
    'res_pjsip_acl',
    'res_pjsip_authenticator_digest',
    'res_pjsip_outbound_authenticator_digest',
    'res_pjsip_endpoint_identifier_user',
    'res_pjsip_endpoint_identifier_ip',
    'res_pjsip_registrar',
    'res_pjsip_outbound_registration',
    'res_pjsip_maintenance',
    'res_pjsip_caller_id',
    'res_pjsip_diversion',
    'res_pjsip_dlg_options',
    'res_pjsip_dtmf_info',
    'res_pjsip_empty_info',
    'res_pjsip_header_funcs',
    'res_pjsip_nat',
    'res_pjsip_path',
    'res_pjsip_refer',
    'res_pjsip_rfc3326',
    'res_pjsip_sdp_rtp',
    // chan_pjsip and res_pjsip_refer do not load without it, although no endpoint may subscribe.
    'res_pjsip_pubsub',
    'res_pjsip_mwi',
    'res_pjsip_mwi_body_generator',
    'chan_pjsip',
  ],
  media: [
    'res_rtp_asterisk',
    'res_srtp',
    'codec_alaw',
    'codec_ulaw',
    'codec_a_mu',
    'codec_g722',
    'codec_opus_open_source',
    'codec_resample',
    'res_format_attr_opus',
    'format_pcm',
    'format_sln',
    'format_wav',
  ],
  bridges: [
    'bridge_simple',
    'bridge_native_rtp',
    'bridge_softmix',
    'bridge_holding',
    'bridge_builtin_features',
    'chan_bridge_media',
  ],
  control: [
    'res_stasis',
    'res_stasis_answer',
    'res_stasis_playback',
    'res_stasis_recording',
    'res_stasis_snoop',
    'res_ari',
    'res_ari_model',
    'res_ari_applications',
    'res_ari_asterisk',
    'res_ari_bridges',
    'res_ari_channels',
    'res_ari_endpoints',
    'res_ari_events',
    'res_ari_playbacks',
    'res_ari_recordings',
    'app_stasis',
  ],
  dialplan: [
    'pbx_config',
    'app_dial',
    'app_echo',
    'app_minivm',
    'app_playback',
    'app_stack',
    'func_callerid',
    'func_channel',
    'func_cut',
    'func_global',
    'func_groupcount',
    'func_logic',
    'func_strings',
  ],
} satisfies Record<string, string[]>;

/** Ours, in Asterisk's folder of modules once it was built for it. */
export const GUARD_MODULE = 'res_littlepbx_guard.so';
/** What it is built of. */
export const GUARD_SOURCES = ['res_littlepbx_guard.c', 'build.sh'].map((name) =>
  fileURLToPath(new URL(`../guard/${name}`, import.meta.url)),
);

export function modulesConf({ hasGuard }: Pick<ConfSettings, 'hasGuard'>): string {
  const groups = Object.entries(MODULES).map(
    ([title, names]) => `; ${title}\n${names.map((name) => `load = ${name}.so\n`).join('')}`,
  );
  const guard = hasGuard ? `; guard\nload = ${GUARD_MODULE}\n` : '';
  return `[modules]\nautoload = no\n${groups.join('')}${guard}`;
}
