// While a report is typed, what it looks like is said below it. Nothing is chosen for the reporter.
(() => {
  const form = document.querySelector('form[data-hints]');
  const box = document.getElementById('hints');
  if (!form || !box || !window.fetch || !window.AbortController) return;
  // What is asked about: never who the reporter is.
  const fields = ['about', 'project', 'summary', 'text'];
  const pause = 800;
  let timer, running, asked = '', notBefore = 0;
  document.getElementById('suggest-hint').textContent =
    'Your text is looked at while you type, and not kept before you send it. Nothing is chosen for you.';

  const show = (words) => { if (box.innerHTML !== words) box.innerHTML = words; };

  // `button`: it was pressed, so an answer is owed, and without one the page does it by itself.
  const ask = async (button) => {
    const values = fields.map((name) => form.elements[name].value);
    const now = values.join('\0');
    if (!button && (now === asked || Date.now() < notBefore)) return;
    asked = now;
    if (running) running.abort();
    const mine = running = new AbortController();
    const body = new FormData();
    fields.forEach((name, at) => body.append(name, values[at]));
    if (button) body.append(button.name, button.value);
    try {
      const answer = await fetch(form.dataset.hints, { method: 'POST', body, signal: mine.signal });
      if (answer.ok) return show(await answer.text());
      notBefore = Date.now() + 1000 * (Number(answer.headers.get('Retry-After')) || 60);
    } catch (error) {
      if (error.name === 'AbortError') return;
    }
    if (button) form.requestSubmit(button);
  };
  const askLater = () => { clearTimeout(timer); timer = setTimeout(ask, pause); };

  form.addEventListener('input', (event) => {
    // Half a name of a project is no name: that box is asked about when it is left.
    if (event.target.name === 'text' || event.target.name === 'summary') askLater();
  });
  form.addEventListener('change', (event) => {
    if (event.target.name === 'about' || event.target.name === 'project') askLater();
  });
  const choose = (about, project) => {
    const chosen = document.getElementById(`about-${about}`);
    chosen.checked = true;
    if (project) form.elements.project.value = project;
    show('');
    (project ? form.elements.project : chosen).focus();
    askLater();
  };
  form.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    const { use, leave, suggest } = button.dataset;
    if (use === undefined && leave === undefined && suggest === undefined) return;
    event.preventDefault();
    clearTimeout(timer);
    if (suggest !== undefined) ask(button);
    else if (use !== undefined) choose('project', use);
    else choose('unknown', '');
  });
})();
