// What the server's check found: a badge on the element and a list that leads to it.
import { h } from './panel/fields.js';

const SEVERITIES = {
  error: { order: 0, name: '错误', icon: 'circle-x' },
  policy: { order: 1, name: '不合规', icon: 'alert-triangle' },
  hint: { order: 2, name: '提示', icon: 'info-circle' },
};
const severityOf = (problem) => SEVERITIES[problem.severity] || SEVERITIES.error;
const worst = (problems) => problems.reduce((a, b) => (severityOf(b).order < severityOf(a).order ? b : a));

export function createProblems(modeler, container) {
  const canvas = modeler.get('canvas');
  const overlays = modeler.get('overlays');
  const registry = modeler.get('elementRegistry');
  let marked = [];

  // A problem may name the process, which is drawn as a pool or as the whole diagram.
  const shapeOf = (id) => registry.get(id)
    || registry.find((shape) => shape.businessObject.processRef && shape.businessObject.processRef.id === id);

  function clearMarks() {
    overlays.remove({ type: 'jb-problem' });
    marked.forEach(([shape, marker]) => registry.get(shape.id) && canvas.removeMarker(shape, marker));
    marked = [];
  }

  function mark(shape, problems) {
    const { severity } = worst(problems);
    const marker = `jb-problem-${severity}`;
    canvas.addMarker(shape, marker);
    marked.push([shape, marker]);
    if (shape === canvas.getRootElement()) return;
    const badge = h('button', {
      type: 'button',
      class: `jb-badge is-${severity}`,
      title: problems.map(({ message }) => message).join('\n'),
      onclick: () => lead(shape),
    }, String(problems.length));
    const position = shape.waypoints ? middle(shape) : { top: -10, right: 10 };
    overlays.add(shape, 'jb-problem', { position, html: badge, scale: { min: 0.8, max: 1 } });
  }

  function lead(shape) {
    const root = canvas.findRoot(shape);
    if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
    if (shape !== canvas.getRootElement()) canvas.scrollToElement(shape, { top: 60, bottom: 60, left: 90, right: 60 });
    modeler.get('selection').select(shape === canvas.getRootElement() ? [] : shape);
    canvas.focus();
  }

  function item(problem) {
    const { name, icon } = severityOf(problem);
    const shape = problem.element && shapeOf(problem.element);
    const label = shape && (shape.businessObject.name || shape.id);
    return h('li', { class: `is-${problem.severity}` },
      h('button', { type: 'button', disabled: !shape, title: shape ? '在图中显示' : null, onclick: () => lead(shape) },
        h('i', { class: `ti ti-${icon}`, 'aria-hidden': 'true' }),
        h('span', { class: 'jb-problem-kind' }, name),
        label && h('strong', {}, label),
        h('span', { class: 'jb-problem-message' }, problem.message),
        problem.rule && h('code', {}, problem.rule)));
  }

  function show(problems) {
    clearMarks();
    const sorted = [...problems].sort((a, b) => severityOf(a).order - severityOf(b).order);
    const byShape = new Map();
    for (const problem of sorted) {
      const shape = problem.element && shapeOf(problem.element);
      if (shape) byShape.set(shape, [...(byShape.get(shape) || []), problem]);
    }
    byShape.forEach((found, shape) => mark(shape, found));
    container.replaceChildren(summary(sorted), h('ul', {}, sorted.map(item)));
  }

  function say(words) {
    container.replaceChildren(h('p', { class: 'jb-problems-head' }, words));
  }

  container.classList.add('jb-problems');
  say('正在检查……');
  return { show, say };
}

function summary(problems) {
  if (!problems.length) {
    return h('p', { class: 'jb-problems-head is-clean' }, h('i', { class: 'ti ti-circle-check' }), '没有发现问题，可以发布。');
  }
  const counts = Object.entries(SEVERITIES)
    .map(([severity, { name }]) => [problems.filter((problem) => severityOf(problem) === SEVERITIES[severity]).length, name])
    .filter(([count]) => count)
    .map(([count, name]) => `${count} 个${name}`);
  const blocked = problems.some((problem) => severityOf(problem).order < 2);
  return h('p', { class: 'jb-problems-head' }, `${counts.join('，')}${blocked ? '；消除错误和不合规之后才能发布。' : '。'}`);
}

/** The middle of a flow, relative to its box, where its badge is put. */
function middle({ waypoints, x, y }) {
  const half = Math.floor((waypoints.length - 1) / 2);
  const [a, b] = [waypoints[half], waypoints[half + 1]];
  const left = Math.min(...waypoints.map((point) => point.x));
  const top = Math.min(...waypoints.map((point) => point.y));
  return { left: (a.x + b.x) / 2 - (x ?? left) - 9, top: (a.y + b.y) / 2 - (y ?? top) - 9 };
}
