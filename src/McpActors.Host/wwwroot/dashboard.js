// What only the browser knows: its colours, kept between visits, and whether the host still answers.
(() => {
  const key = 'mcp-actors.theme';
  const system = matchMedia('(prefers-color-scheme: dark)');
  let watcher = null;

  function choice() {
    try {
      return localStorage.getItem(key) ?? 'system';
    } catch {
      return 'system'; // storage is forbidden here
    }
  }

  function apply() {
    const chosen = choice();
    const isDark = chosen === 'dark' || (chosen === 'system' && system.matches);
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
    return { choice: chosen, isDark };
  }

  apply();
  system.addEventListener('change', () => {
    const theme = apply();
    watcher?.invokeMethodAsync('OnThemeChanged', theme).catch(() => {});
  });

  window.dashboard = {
    watchTheme(layout) {
      watcher = layout;
      return apply();
    },
    chooseTheme(chosen) {
      try {
        localStorage.setItem(key, chosen);
      } catch {
        // It then holds for this page only.
      }
      return apply();
    },
  };

  document.addEventListener('DOMContentLoaded', () => {
    document.getElementById('components-reconnect-modal').addEventListener('components-reconnect-state-changed', (event) => {
      // The host was restarted and knows nothing of this page.
      if (event.detail.state === 'rejected') {
        location.reload();
      }
    });
  });
})();
