// data-confirm="Sentence?" on a form, a submit button or a link asks before it acts; data-confirm-ok names the yes button.
import { openDialog } from './dialog.js';
import { word } from './words.js';

const confirmed = new WeakSet();

async function ask(element) {
  const answer = await openDialog(element.dataset.confirm, [
    { value: '', label: word('取消') },
    { value: 'yes', label: element.dataset.confirmOk || word('确定'), className: 'btn-primary' },
  ]);
  return answer === 'yes';
}

// In the capture phase, so that neither htmx nor the guard against double sending sees an unconfirmed event.
document.addEventListener('click', async (event) => {
  const link = event.target.closest('a[data-confirm], button[type=button][data-confirm]');
  if (!link) return;
  if (confirmed.delete(link)) return;
  stop(event);
  if (await ask(link)) {
    confirmed.add(link);
    link.click();
  }
}, true);

document.addEventListener('submit', async (event) => {
  const form = event.target;
  const button = event.submitter;
  const asking = button && button.dataset.confirm ? button : form.dataset.confirm ? form : null;
  if (!asking) return;
  if (confirmed.delete(form)) return;
  stop(event);
  if (await ask(asking)) {
    confirmed.add(form);
    form.requestSubmit(button || undefined);
  }
}, true);

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
