// Files of a report go ahead of it, so that one sees how far they are. Without script they go with it.
(() => {
  const form = document.querySelector('form[data-uploads]');
  if (!form || !window.XMLHttpRequest) return;
  const input = form.elements.files;
  const worthShowing = 200000, allowed = 25000000, most = 5;
  let sending = null;

  const shown = document.createElement('div');
  const said = document.createElement('p');
  said.setAttribute('role', 'status');
  said.id = 'upload-said';
  const bar = document.createElement('progress');
  bar.max = 100;
  bar.setAttribute('aria-labelledby', said.id);
  const stop = document.createElement('button');
  stop.type = 'button';
  stop.textContent = 'Stop';
  bar.hidden = stop.hidden = true;
  shown.append(said, bar, stop);
  input.after(shown);

  const rest = (words) => {
    sending = null;
    said.textContent = words;
    bar.hidden = stop.hidden = true;
  };
  // As it would have gone without this script; what is wrong with it, the page says.
  const sendAll = () => { rest('Sending\u2026'); form.submit(); };

  form.addEventListener('submit', (event) => {
    const button = event.submitter;
    if (sending) return event.preventDefault();
    if (button && button.hasAttribute('formaction')) return;
    const files = Array.from(input.files);
    const size = files.reduce((sum, file) => sum + file.size, 0);
    if (size < worthShowing || size > allowed || files.length > most) return;
    event.preventDefault();
    const body = new FormData();
    body.append('stamp', form.elements.stamp.value);
    files.forEach((file) => body.append(input.name, file));
    sending = new XMLHttpRequest();
    sending.upload.onprogress = (part) => {
      if (part.lengthComputable) bar.value = Math.floor(100 * part.loaded / part.total);
    };
    sending.onload = () => {
      if (sending.status === 204) input.value = '';
      sendAll();
    };
    sending.onerror = sendAll;
    stop.onclick = () => {
      sending.abort();
      rest('Stopped. Nothing was sent.');
      (button || input).focus();
    };
    said.textContent = `Sending your files: ${Math.ceil(size / 1000)} kB. Your report goes with them, then its number is shown.`;
    bar.value = 0;
    bar.hidden = stop.hidden = false;
    sending.open('POST', form.dataset.uploads);
    sending.send(body);
  });
  // The page may come back out of the browser's memory.
  window.addEventListener('pageshow', () => rest(''));
})();
