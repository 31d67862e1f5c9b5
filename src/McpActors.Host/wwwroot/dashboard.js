// State of the browser only: its colours, kept between visits, and whether the host still answers.
(() => {
  const key = 'mcp-actors.theme';
  const system = matchMedia('(prefers-color-scheme: dark)');
  let watcher = null;

  function choice() {
    try {
      return localStorage.getItem(key) ?? 'system';
    } catch {
      return 'system'; // storage is not allowed here
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
        // Without storage the choice lasts for this page only.
      }
      return apply();
    },
    logOut() {
      document.getElementById('log-out').submit();
    },
  };

  // The values under the pointer. They are in the page already, so no request is needed.
  const steps = 180;
  const secondsOfStep = 5;

  function age(seconds) {
    const minutes = Math.floor(seconds / 60);
    const rest = seconds % 60;
    return [minutes && `${minutes} min`, rest && `${rest} s`].filter(Boolean).join(' ');
  }

  function read(plot, event) {
    const box = plot.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const step = Math.round(share * (steps - 1));
    const values = [...plot.querySelectorAll('[data-values]')]
      .map((line) => `${line.dataset.name} ${line.dataset.values.split(' ')[step]}`)
      .join(', ');
    const reading = plot.querySelector('.reading');
    reading.textContent = `${age((steps - step) * secondsOfStep)} ago · ${values}`;
    reading.style.setProperty('--at', `${share * 100}%`);
    reading.classList.toggle('left', share > 0.5);
    plot.classList.add('read');
  }

  document.addEventListener('pointermove', (event) => {
    const under = event.target instanceof Element ? event.target.closest('.plot') : null;
    document.querySelectorAll('.plot.read').forEach((plot) => plot !== under && plot.classList.remove('read'));
    if (under) {
      read(under, event);
    }
  });

  document.addEventListener('DOMContentLoaded', () => {
    document.getElementById('components-reconnect-modal').addEventListener('components-reconnect-state-changed', (event) => {
      // The host was restarted and does not know this page.
      if (event.detail.state === 'rejected') {
        location.reload();
      }
    });
  });
})();
