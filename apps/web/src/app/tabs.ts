/**
 * Tabs of one browser share one cookie: who logs in or out at one of them does so at all. They tell each other, so that no
 * page goes on showing what its person may not see any more, or sends what was typed in another one's name.
 */

/** `null`: nobody any more. */
type WhoIsThere = string | null;

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('littlepbx.session');

/** Says to the other tabs who is logged in from now on. @param personId null: nobody */
export function tellTabs(personId: WhoIsThere): void {
  channel?.postMessage(personId);
}

export function onTold(hearer: (personId: WhoIsThere) => void): void {
  channel?.addEventListener('message', ({ data }: MessageEvent<WhoIsThere>) => hearer(data));
}
