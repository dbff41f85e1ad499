// [data-open-dialog="#id"] opens that <dialog>; [data-close-dialog] inside closes it. One that is marked data-open opens with the page.

document.addEventListener('click', ({ target }) => {
  const opener = target.closest && target.closest('[data-open-dialog]');
  if (opener) open(document.querySelector(opener.dataset.openDialog));
  else if (target.closest && target.closest('[data-close-dialog]')) target.closest('dialog').close();
});

document.addEventListener('DOMContentLoaded', () => document.querySelectorAll('dialog[data-open]').forEach(open));

function open(dialog) {
  if (dialog && !dialog.open) dialog.showModal();
}
