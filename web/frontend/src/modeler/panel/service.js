// What an automatic step does: an operation of the server's registry with literal parameters, a notice, or a decision.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

import { findExtension, putExtension } from '../extensions.js';
import { addButton, group, h, iconButton, row, select, text } from './fields.js';

export function operationGroup({ modeler, element, catalogue, refresh }) {
  const operation = findExtension(element, 'jb:Operation');
  const known = catalogue.operations.find(({ name }) => name === operation?.name);
  let present = (operation?.params || []).map(({ name, value }) => ({ name, value }));
  const put = (name, params) => putExtension(modeler, element, 'jb:Operation', name ? { name, params } : null);
  const choose = (name) => {
    put(name, present);
    refresh();
  };
  const set = (name) => (value) => {
    const others = present.filter((param) => param.name !== name);
    present = value ? [...others, { name, value }] : others;
    put(operation.name, present);
  };
  const remove = (name) => () => {
    set(name)('');
    refresh();
  };
  const declared = (known?.params || []).map(declare);
  const undeclared = operation ? present.filter(({ name }) => !declared.some((param) => param.name === name)) : [];
  const valueOf = (name) => present.find((param) => param.name === name)?.value;
  const hint = is(getBusinessObject(element), 'bpmn:ServiceTask') ? undefined : '办结这一步时执行';
  return group('服务操作',
    row('操作', select({
      value: operation?.name,
      options: catalogue.operations.map(({ name, title }) => [name, title || name]),
    }, choose), { hint }),
    ...declared.map((param) => row(param.title, paramField(param, valueOf(param.name), set(param.name)), { hint: param.hint })),
    ...undeclared.map(({ name, value }) => h('div', { class: 'jb-item' },
      h('div', { class: 'jb-item-body' }, row(name, text({ value }, set(name)), { wrong: known && '这个操作没有此参数' })),
      iconButton('trash', '删除这个参数', remove(name)))),
    operation && !known && addParam(present, (params) => { put(operation.name, params); refresh(); }));
}

// The catalogue names a parameter plainly or describes it: {name, title, choices, hint}.
function declare(param) {
  const described = typeof param === 'string' ? { name: param } : param;
  return { title: described.name, ...described };
}

function paramField({ choices, required }, value, change) {
  if (!choices) return text({ value, placeholder: required ? '必填' : undefined }, change);
  return select({ value, options: choices.map((choice) => (Array.isArray(choice) ? choice : [choice, choice])) }, change);
}

function addParam(present, put) {
  const name = h('input', { type: 'text', class: 'jb-mono', placeholder: '参数名' });
  return h('div', { class: 'jb-span' }, name,
    addButton('添加参数', () => name.value.trim() && put([...present, { name: name.value.trim(), value: '' }])));
}

export function noticeGroup({ modeler, element }) {
  const kind = findExtension(element, 'jb:Notice')?.kind;
  return group('通知',
    row('种类', text({ value: kind, mono: true, placeholder: '不发通知则留空' },
      (value) => putExtension(modeler, element, 'jb:Notice', value ? { kind: value } : null)),
    { hint: '这一步完成后发出的法定通知' }));
}

export function decisionGroup({ modeler, element }) {
  const read = () => findExtension(element, 'jb:Decision');
  const decision = read();
  const put = (name) => (value) => {
    const changed = { name: read()?.name, result: read()?.result, [name]: value || undefined };
    putExtension(modeler, element, 'jb:Decision', changed.name || changed.result ? changed : null);
  };
  return group('决策',
    row('决策表', text({ value: decision?.name, placeholder: '决策的名称或编号' }, put('name'))),
    row('结果存入', text({ value: decision?.result, mono: true, placeholder: '事实名；留空则按各列名' }, put('result'))));
}
