// Who is told when a task waits: the chain of the process for every task, or a task's own in its place.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

import { findExtension, putExtension } from '../extensions.js';
import { addButton, group, h, iconButton, row, select } from './fields.js';
import { parseSpan, spanField, spanInWords } from './span.js';

const ASSIGNEE = ['assignee', '办理人'];

/** Of a process, whether it is drawn alone or as a pool. */
export function defaultEscalationGroup(scope) {
  const object = getBusinessObject(scope.element);
  const process = object.processRef || object;
  const steps = stepsOf(process);
  return group('默认升级链',
    h('p', { class: 'jb-hint' }, '没有单独设置升级链的任务，都按这里提醒和逐级告知；最后一步应告知督办人。'),
    ...stepRows(scope, process, steps, steps));
}

export function escalationGroup(scope) {
  const object = getBusinessObject(scope.element);
  const steps = stepsOf(object);
  const inherited = stepsOf(processOf(object));
  const names = new Map([...scope.catalogue.roles.map(({ key, name }) => [key, name]), ASSIGNEE]);
  const said = inherited.map(({ after, to }) => `${afterInWords(after)}告知${names.get(to) || to}`).join('；');
  const hint = said ? `没有单独设置，按流程的默认升级链：${said}。` : '期限前提醒谁、超期后逐级告知谁；未设置。';
  return group('升级链',
    steps.length ? null : h('p', { class: 'jb-hint' }, hint),
    ...stepRows(scope, object, steps, steps.length ? steps : inherited));
}

/** The fields of each step. A first step that is added starts from `base`, so that nobody has to write a chain anew. */
function stepRows({ modeler, element, catalogue, refresh }, object, steps, base) {
  const put = (changed) => putExtension(modeler, element, 'jb:Escalation', changed.length ? { steps: changed } : null, object);
  const change = (index, name) => (value) => {
    steps[index] = { ...steps[index], [name]: value };
    put(steps);
  };
  const structure = (changed) => { put(changed); refresh(); };
  const roles = [ASSIGNEE, ...catalogue.roles.map(({ key, name }) => [key, name])];
  const own = base === steps;
  return [
    ...steps.map(({ after, to }, index) => h('div', { class: 'jb-item' },
      h('span', { class: 'jb-item-no' }, `${index + 1}`),
      h('div', { class: 'jb-item-body' },
        spanField(after, change(index, 'after'), { signed: true }),
        row('告知', select({ value: to, options: roles }, change(index, 'to')))),
      iconButton('trash', '删除这一级', () => structure(steps.filter((_, at) => at !== index))))),
    own || !base.length
      ? addButton('添加一级', () => structure([...steps, { after: steps.length ? 'P3WD' : 'P1WD', to: '' }]))
      : addButton('单独设置', () => structure(base)),
  ];
}

const stepsOf = (object) => ((object && findExtension(object, 'jb:Escalation')?.steps) || []).map(({ after, to }) => ({ after, to }));

function processOf(object) {
  let found = object;
  while (found && !is(found, 'bpmn:Process')) found = found.$parent;
  return found;
}

function afterInWords(after) {
  const parsed = parseSpan(after);
  if (!parsed) return after;
  if (parsed[0] === 0) return '到期时';
  return `${parsed[0] < 0 ? '到期前' : '超期'}${spanInWords(parsed)}`;
}
