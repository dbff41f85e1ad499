// Conditions on flows, times of timers, names of messages, repetition, and the process that a call starts.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

import { area, check, group, h, row, select, text } from './fields.js';

const DECIDES = ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway'];

/** Sets, changes or removes a formal expression held by `object` under `name`. */
function putExpression({ modeler, element }, object, name, body) {
  const expression = body ? modeler.get('bpmnFactory').create('bpmn:FormalExpression', { body }) : undefined;
  if (expression) expression.$parent = object;
  modeler.get('modeling').updateModdleProperties(element, object, { [name]: expression });
}

export function flowGroup({ modeler, element, refresh }) {
  const flow = getBusinessObject(element);
  const source = flow.sourceRef;
  if (!DECIDES.some((type) => is(source, type))) {
    return group('流向', h('p', { class: 'jb-hint' }, '条件只写在排他网关、包容网关之后的流向上。'),
      flow.conditionExpression && row('条件（不起作用）', area({ value: flow.conditionExpression.body, mono: true },
        (body) => putExpression({ modeler, element }, flow, 'conditionExpression', body))));
  }
  const isDefault = source.default === flow;
  const setDefault = (on) => {
    const modeling = modeler.get('modeling');
    const gateway = modeler.get('elementRegistry').get(source.id);
    if (on && flow.conditionExpression) modeling.updateProperties(element, { conditionExpression: undefined });
    modeling.updateProperties(gateway, { default: on ? flow : undefined });
    refresh();
  };
  return group('流向',
    row('', check({ value: isDefault, label: '默认流向（其他条件都不成立时走这里）' }, setDefault)),
    !isDefault && row('条件（FEEL）', area({ value: flow.conditionExpression?.body, mono: true, rows: 3, placeholder: '如：人均月收入 <= 保障标准' },
      (body) => putExpression({ modeler, element }, flow, 'conditionExpression', body)),
    { hint: '结果为 true 时走这条路' }));
}

const TIMERS = [
  ['timeDuration', '经过一段时间后'],
  ['timeDate', '到某个日期时'],
  ['timeCycle', '每隔一段时间'],
];

export function timerGroup({ modeler, element, refresh }) {
  const definition = eventDefinition(element, 'bpmn:TimerEventDefinition');
  const kind = TIMERS.find(([name]) => definition[name])?.[0] || 'timeDuration';
  const put = (name, body) => {
    const expression = modeler.get('bpmnFactory').create('bpmn:FormalExpression', { body });
    expression.$parent = definition;
    // Exactly one of the three may be there; all in one command, so one undo restores it.
    const cleared = Object.fromEntries(TIMERS.map(([other]) => [other, undefined]));
    modeler.get('modeling').updateModdleProperties(element, definition, { ...cleared, [name]: body || name === kind ? expression : undefined });
  };
  const body = definition[kind]?.body || '';
  return group('定时',
    row('何时', select({ value: kind, options: TIMERS, empty: null }, (name) => { put(name, body); refresh(); })),
    row('时间', area({ value: body, mono: true, placeholder: '如：P7D，或存有时间的事实名' }, (changed) => put(kind, changed)),
      { hint: '时长如 P7D、PT24H，周期如 R3/PT1H；按工作日的期限用“办理期限”，或引用前面算好的时间' }));
}

export function conditionGroup({ modeler, element }) {
  const definition = eventDefinition(element, 'bpmn:ConditionalEventDefinition');
  return group('条件',
    row('条件（FEEL）', area({ value: definition.condition?.body, mono: true, rows: 3 },
      (body) => putExpression({ modeler, element }, definition, 'condition', body)),
    { hint: '结果变为 true 时发生' }));
}

const REFERENCES = {
  'bpmn:MessageEventDefinition': ['消息', 'messageRef', 'bpmn:Message'],
  'bpmn:SignalEventDefinition': ['信号', 'signalRef', 'bpmn:Signal'],
  'bpmn:ErrorEventDefinition': ['错误', 'errorRef', 'bpmn:Error', 'errorCode'],
  'bpmn:EscalationEventDefinition': ['升级', 'escalationRef', 'bpmn:Escalation', 'escalationCode'],
};

/** The group for what an event (or a send or receive task) refers to by name; null where there is none. */
export function referenceGroup({ modeler, element, refresh }) {
  const object = getBusinessObject(element);
  const isMessageTask = is(object, 'bpmn:ReceiveTask') || is(object, 'bpmn:SendTask');
  const holder = isMessageTask ? object : (object.get('eventDefinitions') || [])[0];
  const found = isMessageTask ? REFERENCES['bpmn:MessageEventDefinition'] : holder && REFERENCES[holder.$type];
  if (!found) return null;
  const [title, property, type, code] = found;
  const definitions = modeler.getDefinitions();
  const known = definitions.get('rootElements').filter((root) => root.$type === type);
  const referred = holder[property];
  const choose = (name) => {
    const target = name ? known.find((root) => root.name === name) || add(modeler, element, definitions, type, name) : undefined;
    modeler.get('modeling').updateModdleProperties(element, holder, { [property]: target });
    refresh();
  };
  return group(title,
    h('datalist', { id: 'jb-references' }, known.map((root) => h('option', { value: root.name || '' }))),
    row('名称', text({ value: referred?.name, listId: 'jb-references', placeholder: `${title}的名称` }, choose),
      { hint: `同名的${title}是同一个${title}` }),
    code && referred && row('代码', text({ value: referred[code], mono: true },
      (value) => modeler.get('modeling').updateModdleProperties(element, referred, { [code]: value || undefined }))));
}

function add(modeler, element, definitions, type, name) {
  const made = modeler.get('bpmnFactory').create(type, { name });
  made.$parent = definitions;
  const rootElements = [...definitions.get('rootElements'), made];
  modeler.get('modeling').updateModdleProperties(element, definitions, { rootElements });
  return made;
}

export function loopGroup({ modeler, element }) {
  const loop = getBusinessObject(element).loopCharacteristics;
  const target = { modeler, element };
  if (is(loop, 'bpmn:StandardLoopCharacteristics')) {
    return group('循环', row('继续的条件（FEEL）', area({ value: loop.loopCondition?.body, mono: true },
      (body) => putExpression(target, loop, 'loopCondition', body))));
  }
  return group(loop.isSequential ? '多实例（依次）' : '多实例（同时）',
    row('次数（FEEL）', text({ value: loop.loopCardinality?.body, mono: true, placeholder: '如：count(家庭成员)' },
      (body) => putExpression(target, loop, 'loopCardinality', body))),
    row('提前结束的条件（FEEL）', area({ value: loop.completionCondition?.body, mono: true },
      (body) => putExpression(target, loop, 'completionCondition', body))));
}

export function callGroup({ modeler, element }) {
  return group('调用',
    row('流程编号', text({ value: getBusinessObject(element).calledElement, mono: true },
      (value) => modeler.get('modeling').updateProperties(element, { calledElement: value || undefined }))));
}

export const eventDefinition = (element, type) =>
  (getBusinessObject(element).eventDefinitions || []).find((definition) => definition.$type === type);
