// form[data-unsaved] warns when the page is left with changes in it. The browser chooses the words of that warning.

const changed = new Set();

const note = ({ target }) => {
  const form = target.form || (target.closest && target.closest('form'));
  if (form && 'unsaved' in form.dataset) changed.add(form);
};
document.addEventListener('input', note);
document.addEventListener('change', note);
document.addEventListener('reset', ({ target }) => changed.delete(target));
document.addEventListener('submit', (event) => {
  if (!event.defaultPrevented || event.target.matches('[hx-post],[hx-put]')) changed.delete(event.target);
});

window.addEventListener('beforeunload', (event) => {
  const open = [...changed].some((form) => form.isConnected);
  if (!open) return;
  event.preventDefault();
  event.returnValue = '';
});
