// A title is read only by who has a mouse. What limits and marks say behind their words is shown on focus, click and touch too.

const MARKS = '.due[title], .state[title]';
let bubble = null;
let shownBy = null;

function hide() {
  if (bubble) bubble.remove();
  bubble = shownBy = null;
}

function show(mark) {
  if (shownBy === mark) return;
  hide();
  bubble = document.createElement('div');
  bubble.className = 'jb-bubble';
  bubble.setAttribute('role', 'tooltip');
  bubble.textContent = mark.title;
  document.body.append(bubble);
  const { left, bottom } = mark.getBoundingClientRect();
  const room = document.documentElement.clientWidth - bubble.offsetWidth - 8;
  bubble.style.left = `${Math.max(8, Math.min(left, room)) + window.scrollX}px`;
  bubble.style.top = `${bottom + 4 + window.scrollY}px`;
  shownBy = mark;
}

// In a worklist the row itself leads to the page that tells it, so that tab does not stop at every row twice.
const reachable = (mark) => !mark.closest('tr[data-href], a, button');

function makeReachable() {
  document.querySelectorAll(MARKS).forEach((mark) => {
    if (mark.tabIndex === 0 || !reachable(mark)) return;
    mark.tabIndex = 0;
    mark.setAttribute('role', 'button');
    mark.setAttribute('aria-label', `${mark.textContent.trim()}，${mark.title}`);
  });
}

const markAt = (target) => target.closest && target.closest('[role=button][title]');
document.addEventListener('focusin', ({ target }) => (markAt(target) ? show(markAt(target)) : hide()));
document.addEventListener('focusout', hide);
document.addEventListener('keydown', ({ key }) => key === 'Escape' && hide());
document.addEventListener('DOMContentLoaded', makeReachable);
document.addEventListener('htmx:after:swap', makeReachable);
