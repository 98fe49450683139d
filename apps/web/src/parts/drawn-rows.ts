/** Of a long list that scrolls with the window only the rows near to what is seen are drawn; the rest is room. */
import { useWindowVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

interface DrawnRows<E extends HTMLElement> {
  /** For the element that the rows are in. */
  list: RefObject<E | null>;
  /** What is to be drawn. */
  items: VirtualItem[];
  /** For each row that is drawn, beside `data-index`. */
  measure: (row: Element | null) => void;
  /** Room for those that are not. Pixels. */
  before: number;
  after: number;
}

/** @param height of a row as it usually is; pixels */
export function useDrawnRows<E extends HTMLElement>(rows: readonly { id: string }[], height: number): DrawnRows<E> {
  const list = useRef<E>(null);
  const [top, setTop] = useState(0);
  // What stands above it comes and goes.
  useLayoutEffect(() => {
    if (list.current) setTop(Math.round(list.current.getBoundingClientRect().top + window.scrollY));
  });
  const all = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    overscan: 12,
    scrollMargin: top,
    getItemKey: (i) => rows[i]!.id,
  });
  const items = all.getVirtualItems();
  const first = items[0]?.start ?? top;
  const last = items.at(-1)?.end ?? top;
  return {
    list,
    items,
    measure: all.measureElement,
    before: first - top,
    after: Math.max(0, all.getTotalSize() - (last - top)),
  };
}
