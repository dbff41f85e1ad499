// The read-only diagram of the case page: <div class="bpmn-view" data-model-url data-active data-done data-late>.
import { openDiagram } from './diagram.js';

function show(element) {
  if (element.dataset.opened) return;
  element.dataset.opened = 'true';
  openFrom(element).catch(() => {
    element.classList.add('bpmn-view-failed');
    element.textContent = '流程图暂时无法显示，办理不受影响。';
  });
}

async function openFrom(element) {
  const answer = await fetch(element.dataset.modelUrl, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`diagram: ${answer.status}`);
  await openDiagram(element, await answer.text(), {
    active: ids(element.dataset.active),
    done: ids(element.dataset.done),
    late: ids(element.dataset.late),
  });
}

const ids = (list) => (list || '').split(',').map((id) => id.trim()).filter(Boolean);

const showAll = () => document.querySelectorAll('.bpmn-view[data-model-url]').forEach(show);

// A diagram in a closed tab or <details> has no size yet; it is opened when it becomes visible.
document.addEventListener('DOMContentLoaded', showAll);
document.addEventListener('htmx:after:swap', showAll);
if (document.readyState !== 'loading') showAll();

// Used by scripts/render_bpmn.py.
window.jieban = { ...window.jieban, openDiagram };
