/** Asterisk's static files, rendered once per installation; everything per organization is in the realtime tables. */
export interface ConfSettings {
  sip: { bind: string; port: number; tlsPort: number; publicAddress: string | null; localNets: string[] };
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
    share: string;
    certFile: string;
    keyFile: string;
    caFile: string;
  };
  /** No media for this long ends a call. Seconds. */
  rtpTimeoutInS: number;
  /** Hard limit behind the brain's admission. */
  maxCalls: number;
}

/** File name in `etc` to its content. */
export function renderConf(_settings: ConfSettings): Record<string, string> {
  throw new Error('not written yet');
}
