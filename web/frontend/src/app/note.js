/** The line below a field in which a helper says something; made when first needed. */
export function noteFor(field) {
  const anchor = field.closest('.input-group') || field;
  let note = anchor.nextElementSibling;
  if (!note || !note.classList.contains('jb-note')) {
    note = document.createElement('small');
    note.className = 'jb-note';
    note.setAttribute('role', 'status');
    anchor.after(note);
  }
  return note;
}

/** Says words below the field; kind is '', 'right' or 'wrong'. */
export function say(field, words, kind = '') {
  if (!words && !(field.nextElementSibling && field.nextElementSibling.classList.contains('jb-note'))) return;
  const note = noteFor(field);
  note.textContent = words;
  note.className = `jb-note${kind ? ` is-${kind}` : ''}`;
}
