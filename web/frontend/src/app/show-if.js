// data-show-if='{"papers":"incomplete"}' shows a part of a form while the fields of that name have these values.
// The server leaves out what was hidden, so what somebody typed there before stays in the page only.

/** Answers the value of a field of the form: the checked choice, true or false for a lone box, or the text. */
function valueOf(form, name) {
  const fields = form.querySelectorAll(`[name="${CSS.escape(name)}"]`);
  if (!fields.length) return undefined;
  const [first] = fields;
  if (first.type === 'radio') return [...fields].find((field) => field.checked)?.value;
  if (first.type === 'checkbox') return first.checked;
  return first.value;
}

const isHidden = (form, name) => {
  const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
  return Boolean(field && field.closest('[data-show-if][hidden]'));
};

function update(form) {
  // In the order of the form, so that what hangs on a hidden field is hidden with it.
  form.querySelectorAll('[data-show-if]').forEach((part) => {
    const wanted = Object.entries(JSON.parse(part.dataset.showIf));
    part.hidden = !wanted.every(([name, value]) => !isHidden(form, name) && valueOf(form, name) === value);
  });
}

document.addEventListener('change', ({ target }) => target.form && update(target.form));

const updateAll = () => document.querySelectorAll('form').forEach((form) => {
  if (form.querySelector('[data-show-if]')) update(form);
});
document.addEventListener('DOMContentLoaded', updateAll);
document.addEventListener('htmx:after:swap', updateAll);
