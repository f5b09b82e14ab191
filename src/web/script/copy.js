// What is to be copied or printed gets its button; without script nobody sees one that does nothing.
(() => {
  const button = (words, act) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = words;
    made.addEventListener('click', act);
    return made;
  };
  for (const source of document.querySelectorAll('[data-copy]')) {
    if (!navigator.clipboard) break;
    const said = document.createElement('span');
    said.setAttribute('role', 'status');
    said.className = 'small muted';
    const copy = button('Copy', () => {
      const text = source.dataset.copy || source.value || source.textContent;
      navigator.clipboard.writeText(text).then(
        () => { said.textContent = 'Copied.'; },
        () => { said.textContent = 'Your browser does not let us copy. Mark the text and copy it yourself.'; });
    });
    const row = document.createElement('p');
    row.className = 'row';
    row.append(copy, said);
    source.after(row);
  }
  for (const row of document.querySelectorAll('[data-print]')) {
    row.append(button('Print', () => window.print()));
  }
})();
