// Single keys for a member who has a row of a list in focus. Each presses what the row shows as a button or link; the
// off-switch is on /me, and elsewhere on the page no key means anything (WCAG 2.2, 2.1.4).
(() => {
  if (!document.body.hasAttribute('data-keys')) return;
  const rows = Array.from(document.querySelectorAll('[data-row]'));
  if (rows.length === 0) return;

  const reach = (row) => {
    const title = row && row.querySelector('[data-open]');
    if (!title) return;
    title.focus();
    row.scrollIntoView({ block: 'nearest' });
  };
  const filter = () => {
    const form = document.querySelector('details[data-filter]');
    if (!form) return;
    form.open = true;
    form.querySelector('select, input').focus();
  };

  // The words behind each key are those of its first button here.
  const meanings = new Map([['j', 'Next row'], ['k', 'Row before'], ['Enter', 'Open']]);
  for (const button of document.querySelectorAll('[data-row] [data-key]')) {
    button.setAttribute('aria-keyshortcuts', button.dataset.key);
    if (!meanings.has(button.dataset.key)) meanings.set(button.dataset.key, button.textContent.trim());
  }
  if (document.querySelector('details[data-filter]')) meanings.set('/', 'Filter');
  meanings.set('?', 'This list');

  const make = (name, words) => {
    const made = document.createElement(name);
    made.textContent = words;
    return made;
  };
  const list = document.createElement('dialog');
  list.setAttribute('aria-labelledby', 'keys-title');
  const title = make('h2', 'Keys');
  title.id = 'keys-title';
  const facts = document.createElement('dl');
  facts.className = 'facts';
  for (const [key, words] of meanings) {
    const name = document.createElement('dt');
    name.append(make('kbd', key));
    facts.append(name, make('dd', words));
  }
  const close = make('button', 'Close');
  close.type = 'button';
  close.addEventListener('click', () => list.close());
  list.append(title, make('p', 'They work while a row has the focus. You can switch them off at your name.'), facts, close);
  // Beside the help, where it is on every page of rows.
  const opener = make('button', 'Keys');
  opener.type = 'button';
  opener.className = 'plain';
  opener.addEventListener('click', () => list.showModal());
  document.querySelector('footer .help').append(opener);
  document.querySelector('main').append(list);

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const row = event.target.closest('[data-row]');
    if (!row || event.target.closest('input, select, textarea')) return;
    const at = rows.indexOf(row);
    const moves = { j: () => reach(rows[at + 1]), k: () => reach(rows[at - 1]), '/': filter, '?': () => list.showModal() };
    const button = Array.from(row.querySelectorAll('[data-key]')).find((each) => each.dataset.key === event.key);
    const act = moves[event.key] || (button && !event.repeat && (() => button.click()));
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
