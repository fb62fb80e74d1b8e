// Sets a theme chosen by hand before anything is painted. A file of its own, since inline scripts are not allowed.
try {
  const theme = localStorage.getItem('litfass-theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // No storage: the system's theme applies.
}
