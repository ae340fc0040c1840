
'use strict';
(() => {
  const tools = document.getElementById('tools');
  const search = document.getElementById('search');
  const level = document.getElementById('level');
  const shown = document.getElementById('shown');
  const boxes = [...tools.querySelectorAll('input[type=checkbox]')];
  const rows = [...document.querySelectorAll('#matrix tbody tr')]
    .map((row) => ({ row, status: row.className, level: row.dataset.level, text: row.textContent.toLowerCase() }));

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const statuses = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    for (const one of rows) {
      const fits = statuses.has(one.status) && (level.value === '' || one.level === level.value) &&
        words.every((word) => one.text.includes(word));
      one.row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    shown.textContent = `${count} of ${rows.length} rows`;
  };
  tools.addEventListener('input', filter);
  tools.addEventListener('submit', (event) => event.preventDefault());
  tools.hidden = false;
  filter();

  const open = () => {
    const target = /^#[fp]\d+$/.test(location.hash) ? document.getElementById(location.hash.slice(1)) : null;
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      target.scrollIntoView();
    }
  };
  window.addEventListener('hashchange', open);
  open();

  // On paper nothing can be opened.
  const opened = [];
  window.addEventListener('beforeprint', () => {
    for (const one of document.querySelectorAll('details:not(.rows):not([open])')) {
      one.open = true;
      opened.push(one);
    }
  });
  window.addEventListener('afterprint', () => {
    for (const one of opened.splice(0)) one.open = false;
  });
})();
