// Sorting and filtering of tables that are whole without it.
'use strict';

const plain = { paging: false, info: false, searching: false, order: [], autoWidth: false, layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null } };

for (const table of document.querySelectorAll('table.sortable')) new DataTable(table, plain);

const scorecard = document.getElementById('scorecard');
if (scorecard) {
  const form = document.getElementById('filters');
  const table = new DataTable(scorecard, { ...plain, searching: true });
  const wanted = () => new FormData(form).getAll('rag');

  table.search.fixed('rag', (_text, _data, index) => {
    const row = table.row(index).node();
    return wanted().length === 0 || wanted().includes(row.dataset.rag);
  });
  table.search.fixed('section', (_text, data) => {
    const section = form.elements.section.value;
    return section === '' || data[1] === section;
  });

  const filter = () => {
    table.search(form.elements.words.value).draw();
    const shown = table.rows({ search: 'applied' }).count();
    document.getElementById('shown').textContent = `${shown} of ${table.rows().count()} indicators`;
  };
  form.addEventListener('input', filter);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(filter));
  form.hidden = false;
  filter();
}

// What is folded is printed too.
addEventListener('beforeprint', () => {
  for (const folded of document.querySelectorAll('details:not([open])')) {
    folded.open = true;
    folded.dataset.folded = '';
  }
});
addEventListener('afterprint', () => {
  for (const folded of document.querySelectorAll('details[data-folded]')) {
    folded.open = false;
    delete folded.dataset.folded;
  }
});
