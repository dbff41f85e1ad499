// Name, number and documentation, which every element has.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

import { translate } from '../../bpmn/zh.js';
import { findExtension, putExtension } from '../extensions.js';
import { area, group, h, row, text } from './fields.js';

const NAMES = {
  'bpmn:Process': '流程',
  'bpmn:Collaboration': '流程图',
  'bpmn:Participant': '泳池',
  'bpmn:Lane': '泳道',
  'bpmn:Task': '任务',
  'bpmn:IntermediateCatchEvent': '中间捕获事件',
  'bpmn:IntermediateThrowEvent': '中间抛出事件',
  'bpmn:TextAnnotation': '文字注释',
  'bpmn:Association': '关联线',
  'bpmn:MessageFlow': '消息流',
  'bpmn:DataObjectReference': '数据对象',
  'bpmn:DataStoreReference': '数据存储',
  'bpmn:Group': '分组框',
  'bpmn:AdHocSubProcess': '自组织子流程',
};

const KINDS = { Message: '消息', Timer: '定时', Conditional: '条件', Signal: '信号', Error: '错误', Escalation: '升级', Compensate: '补偿', Cancel: '取消', Link: '连接', Terminate: '终止' };

/** 'bpmn:UserTask' as a word; events with what they wait for or send. */
export function kindInWords(object) {
  if (object.processRef) return '流程';
  const plain = NAMES[object.$type] || translate(english(object.$type));
  const definition = (object.eventDefinitions || [])[0];
  const kind = definition && KINDS[definition.$type.replace('bpmn:', '').replace('EventDefinition', '')];
  const still = object.$type === 'bpmn:BoundaryEvent' && object.cancelActivity === false ? '（不中断）' : '';
  return `${kind || ''}${plain}${still}`;
}

// bpmn:SubProcess → 'Sub-process', bpmn:ExclusiveGateway → 'Exclusive gateway'
function english(type) {
  if (type === 'bpmn:SubProcess') return 'Sub-process';
  if (type === 'bpmn:EventBasedGateway') return 'Event-based gateway';
  const words = type.replace('bpmn:', '').replace(/([a-z])([A-Z])/g, (_, end, start) => `${end} ${start.toLowerCase()}`);
  return words;
}

export function headline(element) {
  const object = getBusinessObject(element);
  return h('header', { class: 'jb-headline' }, h('strong', {}, object.name || kindInWords(object)), h('span', {}, kindInWords(object)));
}

export function generalGroup({ modeler, element }) {
  const object = getBusinessObject(element);
  const modeling = modeler.get('modeling');
  const process = is(object, 'bpmn:Participant') ? object.processRef : null;
  const isNote = is(object, 'bpmn:TextAnnotation');
  // updateLabel also resizes notes and creates the outer label where one is needed.
  const rename = (name) => (is(object, 'bpmn:Process') || is(object, 'bpmn:Collaboration')
    ? modeling.updateProperties(element, { name: name || undefined })
    : modeling.updateLabel(element, name));
  return group('基本',
    !is(object, 'bpmn:Collaboration') && row(isNote ? '文字' : '名称', area({ value: isNote ? object.text : object.name, rows: 2 }, rename)),
    row('编号', text({ value: process ? process.id : object.id, mono: true, readonly: true }, () => {})),
    row('说明', area({ value: object.documentation?.[0]?.text, rows: 2 }, (words) => {
      const documentation = words ? [modeler.get('bpmnFactory').create('bpmn:Documentation', { text: words })] : [];
      documentation.forEach((made) => { made.$parent = object; });
      modeling.updateProperties(element, { documentation });
    })),
    !isNote && named(object) && englishRows(modeler, element));
}

// What people see who read English; elements that nobody sees need none.
const named = (object) => ['bpmn:Process', 'bpmn:Task', 'bpmn:StartEvent', 'bpmn:CallActivity'].some((type) => is(object, type));

function englishRows(modeler, element) {
  const { name = '', text: words = '' } = findExtension(element, 'jb:English') || {};
  const put = (changed) => {
    const given = { name, text: words, ...changed };
    const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
    putExtension(modeler, element, 'jb:English', Object.keys(kept).length ? kept : null);
  };
  return [
    row('英文名称', text({ value: name }, (value) => put({ name: value }))),
    row('英文说明', area({ value: words, rows: 2 }, (value) => put({ text: value }))),
  ];
}
