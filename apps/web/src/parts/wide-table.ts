/** Of a table that is wider than a narrow screen (`Table.ScrollContainer`): its bar is always seen, and a keyboard reaches it. */
export const wideTable = { type: 'auto', offsetScrollbars: 'present', viewportProps: { tabIndex: 0 } } as const;
