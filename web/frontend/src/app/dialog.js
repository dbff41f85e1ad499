// A small dialog. The browser's own confirm() speaks the language of the browser, not of the office.

/** Opens a dialog with the content; answers the promise of the value of the button that closed it ('' for Escape). */
export function openDialog(content, buttons) {
  const dialog = document.createElement('dialog');
  dialog.className = 'jb-dialog';
  const body = document.createElement('div');
  body.className = 'jb-dialog-body';
  body.append(content);
  const foot = document.createElement('div');
  foot.className = 'jb-dialog-foot';
  for (const { value, label, className } of buttons) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = `btn ${className || ''}`;
    button.textContent = label;
    button.addEventListener('click', () => dialog.close(value));
    foot.append(button);
  }
  dialog.append(body, foot);
  document.body.append(dialog);
  const closed = new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
  });
  dialog.showModal();
  const last = foot.querySelector('.btn:last-child');
  if (last) last.focus();
  return closed;
}
