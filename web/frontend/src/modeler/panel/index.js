// The properties panel: shows the groups that fit the selected element, and only these.
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';

import { callGroup, conditionGroup, eventDefinition, flowGroup, loopGroup, referenceGroup, timerGroup } from './flow.js';
import { generalGroup, headline } from './general.js';
import { h } from './fields.js';
import { openingGroup } from './opening.js';
import { decisionGroup, noticeGroup, operationGroup } from './service.js';
import { defaultEscalationGroup, escalationGroup } from './escalation.js';
import { lawGroup, workGroup } from './work.js';

export function createPanel(modeler, container, catalogue) {
  let shown = null;
  let own = false; // whether the present change comes from a field of the panel

  const render = () => {
    const element = selected(modeler);
    const focused = focusIndex(container);
    const scroll = shown === element ? container.scrollTop : 0;
    shown = element;
    container.replaceChildren(...content({ modeler, element, catalogue, refresh }));
    container.scrollTop = scroll;
    if (focused >= 0) focusables(container)[focused]?.focus();
  };
  // Later, not now: the browser is about to move the focus to the field that was clicked.
  const refresh = () => setTimeout(render);

  container.addEventListener('change', () => {
    own = true;
    setTimeout(() => { own = false; });
  }, true);
  modeler.on('selection.changed', render);
  modeler.on('import.done', render);
  modeler.on('commandStack.changed', () => {
    if (own) container.querySelector('.jb-headline')?.replaceWith(headline(shown));
    else refresh();
  });
  render();
  return { render, flush: () => container.contains(document.activeElement) && document.activeElement.blur() };
}

function selected(modeler) {
  const [element, another] = modeler.get('selection').get();
  if (another) return null;
  if (element) return element.labelTarget || element;
  // With nothing selected the process is meant; where it is drawn as the only pool, that pool.
  const root = modeler.get('canvas').getRootElement();
  const pools = (root.children || []).filter((child) => is(child, 'bpmn:Participant'));
  if (pools.length === 1) return pools[0];
  return root.businessObject ? root : null;
}

function content(scope) {
  const { element, modeler } = scope;
  if (!element) {
    const many = modeler.get('selection').get().length > 1;
    return [h('p', { class: 'jb-empty' }, many ? '选中了多个元素；选中一个可看它的属性。' : '没有打开的流程图。')];
  }
  return [headline(element), generalGroup(scope), ...groups(scope)].filter(Boolean);
}

function groups(scope) {
  const object = getBusinessObject(scope.element);
  const found = [];
  if (isAny(object, ['bpmn:UserTask', 'bpmn:ManualTask']) || object.$type === 'bpmn:Task') {
    found.push(workGroup(scope), escalationGroup(scope), lawGroup(scope), operationGroup(scope), noticeGroup(scope));
  } else if (is(object, 'bpmn:ServiceTask')) {
    found.push(operationGroup(scope), noticeGroup(scope), lawGroup(scope));
  } else if (is(object, 'bpmn:BusinessRuleTask')) {
    found.push(decisionGroup(scope), lawGroup(scope));
  } else if (is(object, 'bpmn:CallActivity')) {
    found.push(callGroup(scope));
  } else if (is(object, 'bpmn:Process') || object.processRef) {
    found.push(defaultEscalationGroup(scope));
  } else if (is(object, 'bpmn:SequenceFlow')) {
    found.push(flowGroup(scope));
  } else if (is(object, 'bpmn:Event')) {
    if (eventDefinition(scope.element, 'bpmn:TimerEventDefinition')) found.push(timerGroup(scope));
    if (eventDefinition(scope.element, 'bpmn:ConditionalEventDefinition')) found.push(conditionGroup(scope));
    if (is(object, 'bpmn:StartEvent') && !object.eventDefinitions?.length && !is(object.$parent, 'bpmn:SubProcess')) found.push(openingGroup(scope));
    else found.push(noticeGroup(scope), lawGroup(scope));
  }
  if (isAny(object, ['bpmn:Event', 'bpmn:ReceiveTask', 'bpmn:SendTask'])) found.unshift(referenceGroup(scope));
  if (object.loopCharacteristics) found.push(loopGroup(scope));
  return found;
}

const focusables = (container) => [...container.querySelectorAll('input,select,textarea,button')];
const focusIndex = (container) => focusables(container).indexOf(document.activeElement);
