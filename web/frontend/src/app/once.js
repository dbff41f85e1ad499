// A form is sent once: a second click or Enter does nothing until the answer is there. For every form that posts;
// data-once extends it to other forms, data-many exempts one.

const applies = (form) => !('many' in form.dataset) && (form.method === 'post' || 'once' in form.dataset || form.matches('[hx-post],[data-hx-post]'));
const pending = new WeakSet();
const SECONDS_UNTIL_FREE = 20; // an answer that is a download leaves the page standing

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!applies(form)) return;
  if (form.dataset.sent || pending.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  pending.add(form);
  // Wait for the other listeners: one of them may keep the form back. The browser has taken the pressed button's value by then.
  setTimeout(() => lock(form, event));
}, true);

function lock(form, event) {
  pending.delete(form);
  const byHtmx = form.matches('[hx-post],[hx-put],[hx-delete],[data-hx-post]');
  if (event.defaultPrevented && !byHtmx) return;
  form.dataset.sent = 'true';
  buttons(form).forEach((button) => {
    button.disabled = true;
    if (button === event.submitter) button.classList.add('is-busy');
  });
  setTimeout(() => free(form), SECONDS_UNTIL_FREE * 1000);
}

function free(form) {
  if (!form.dataset.sent) return;
  delete form.dataset.sent;
  buttons(form).forEach((button) => {
    button.disabled = false;
    button.classList.remove('is-busy');
  });
}

const buttons = (form) => [...form.elements].filter((element) => element.type === 'submit');

document.addEventListener('htmx:finally:request', (event) => {
  const form = event.target.closest && event.target.closest('form');
  if (form) free(form);
});

// Back from the next page: the browser shows this one as it was left, locked.
window.addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach(free));
