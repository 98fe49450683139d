// Before anything is drawn, so that a dark page never flashes white. A file of its own: the page's policy allows no script in the HTML.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem('mantine-color-scheme-value');
  } catch {
    // Storage may be forbidden.
  }
  const isDark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light');
})();
