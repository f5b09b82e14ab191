// Beside a time in UTC stands the same moment where the reader is.
(() => {
  if (new Date().getTimezoneOffset() === 0) return;
  const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
  for (const time of document.querySelectorAll('main time[datetime]')) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime()) || !time.textContent.endsWith('UTC')) continue;
    const local = document.createElement('span');
    local.className = 'muted small nowrap';
    local.textContent = ` (${day.format(at)}, ${clock.format(at)} your time)`;
    time.after(local);
  }
})();
