/** Most items in one page of a list that is often wanted whole: extensions and their devices. */
export const LONG_PAGE = 1000;
