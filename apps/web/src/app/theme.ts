import { Badge, Button, createTheme, Modal, Paper } from '@mantine/core';
import i18next from 'i18next';

/** One look for all pages: calm, dense enough for an office that works with it all day. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 8 },
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  // What is named here is loaded with the first page.
  components: {
    Badge: Badge.extend({ defaultProps: { tt: 'none' } }),
    Button: Button.extend({ defaultProps: { size: 'sm' } }),
    Modal: Modal.extend({ defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4 } } }),
    // Asked anew whenever one is drawn: the language may be another by then.
    Notification: { defaultProps: () => ({ closeButtonProps: { 'aria-label': i18next.t('close') } }) },
    Paper: Paper.extend({ defaultProps: { withBorder: true } }),
  },
});
