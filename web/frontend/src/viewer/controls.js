// Zoom buttons and the legend, top right and top left; the bottom right corner belongs to the bpmn.io mark.

export function addControls(element, viewer, { fit, marked }) {
  const zoom = (step) => viewer.get('zoomScroll').stepZoom(step);
  const bar = document.createElement('div');
  bar.className = 'bpmn-view-bar';
  bar.append(
    button('plus', '放大', () => zoom(1)),
    button('minus', '缩小', () => zoom(-1)),
    button('zoom-scan', '显示全图', fit),
    button('maximize', '放大到整个窗口', () => full(element, fit)),
  );
  element.addEventListener('keydown', ({ key }) => key === 'Escape' && element.classList.contains('is-full') && full(element, fit));
  element.append(bar);
  if (marked) element.append(legend());
  element.addEventListener('wheel', (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1 : -1);
  }, { passive: false });
}

function full(element, fit) {
  element.classList.toggle('is-full');
  fit();
}

function button(icon, title, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.title = title;
  made.setAttribute('aria-label', title);
  made.innerHTML = `<i class="ti ti-${icon}"></i>`;
  made.addEventListener('click', act);
  return made;
}

function legend() {
  const made = document.createElement('div');
  made.className = 'bpmn-view-legend';
  made.innerHTML = '<span class="is-done">已办</span><span class="is-active">办理中</span><span class="is-late">已超期</span>';
  return made;
}
