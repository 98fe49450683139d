import { useEffect } from 'react';

/**
 * Hook of a dialog that is there only while it is open: who opened it has the focus again when it goes, as far as nothing else
 * took it; else the keyboard would begin anew at the top of the page.
 */
export function useFocusReturn(): void {
  useEffect(() => {
    const opener = document.activeElement;
    return () => {
      // The dialog's own trap lets go first.
      setTimeout(() => {
        const isLost = document.activeElement === null || document.activeElement === document.body;
        if (isLost && opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
      });
    };
  }, []);
}
