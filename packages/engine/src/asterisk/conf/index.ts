import {
  asteriskConf,
  extconfigConf,
  indicationsConf,
  loggerConf,
  musicOnHoldConf,
  rtpConf,
  sqliteConf,
} from './base.ts';
import { ariConf, httpConf, managerConf, stasisConf } from './control.ts';
import { extensionsConf } from './dialplan.ts';
import { modulesConf } from './modules.ts';
import { pjsipConf, sorceryConf } from './pjsip.ts';

export { GUARD_MODULE, GUARD_SOURCES } from './modules.ts';

/** Asterisk's static files, rendered once per installation; everything per organization is in the realtime tables. */
export interface ConfSettings {
  sip: {
    bind: string;
    port: number;
    tlsPort: number;
    /** By TLS too, towards carriers whose certificate is verified. */
    carrierTlsPort: number;
    publicAddress: string | null;
    localNets: string[];
  };
  rtp: { from: number; to: number };
  ari: { host: string; port: number; user: string; password: string };
  ami: { host: string; port: number; user: string; password: string };
  /** Paths as the engine sees them (inside its root). */
  paths: {
    etc: string;
    /** Two SQLite files: realtime tables (read), and contacts and fallback calls (written). */
    configDb: string;
    stateDb: string;
    spool: string;
    log: string;
    run: string;
    lib: string;
    modules: string;
    /** What came with the engine, and what it takes for that: sounds of further languages are beside its own there. */
    share: string;
    data: string;
    certFile: string;
    keyFile: string;
    caFile: string;
    /** Authorities that carriers' certificates may be of, beside those of the folder `authoritiesFolder`. */
    authoritiesFile: string;
    authoritiesFolder: string;
  };
  /** No media for this long ends a call. Seconds. */
  rtpTimeoutInS: number;
  /** Banned addresses are kept out before they reach the engine; else it refuses them by an access list of its own. */
  hasFirewall: boolean;
  /** Whether our own module is among the engine's (`../guard`). */
  hasGuard: boolean;
  /** Hard limit behind the brain's admission. */
  maxCalls: number;
}

/** File name in `etc` to its content. Holds passwords: write it readable by the engine's user alone. */
export function renderConf(settings: ConfSettings): Record<string, string> {
  return {
    'asterisk.conf': asteriskConf(settings),
    'modules.conf': modulesConf(settings),
    'logger.conf': loggerConf(),
    'extconfig.conf': extconfigConf(settings),
    'res_config_sqlite3.conf': sqliteConf(settings),
    'sorcery.conf': sorceryConf(settings),
    'pjsip.conf': pjsipConf(settings),
    'extensions.conf': extensionsConf(),
    'http.conf': httpConf(settings),
    'ari.conf': ariConf(settings),
    'manager.conf': managerConf(settings),
    'stasis.conf': stasisConf(),
    'rtp.conf': rtpConf(settings),
    'musiconhold.conf': musicOnHoldConf(settings),
    'indications.conf': indicationsConf(),
    // Read by the core or by loaded modules; a missing file is a warning at each start.
    'features.conf': '[general]\n',
    // Of it we use the counts of waiting messages alone.
    'minivm.conf': '[general]\nformat = wav\n',
    'udptl.conf': '[general]\n',
    'pjproject.conf': '',
    'cdr.conf': '[general]\nenable = no\n',
    'cel.conf': '[general]\nenable = no\n',
    'ccss.conf': '[general]\n',
    'acl.conf': '',
    'websocket_client.conf': '',
  };
}
