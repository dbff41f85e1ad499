// How cases of the procedure begin: it stands on the start event.
import { findExtension, putExtension } from '../extensions.js';
import { addButton, group, h, iconButton, row, select, text } from './fields.js';

const KINDS = [['household', '家庭申请'], ['person', '个人事项'], ['office', '本单位事项']];

export function openingGroup({ modeler, element, catalogue, refresh }) {
  const read = () => {
    const { kind, series, level, tell, facts } = findExtension(element, 'jb:Opening') || {};
    return { kind, series, level, tell, facts: (facts || []).map(({ name, value }) => ({ name, value })) };
  };
  const opening = read();
  const put = (changed) => {
    const wanted = Object.fromEntries(Object.entries({ ...read(), ...changed }).filter(([, value]) => value && value.length));
    putExtension(modeler, element, 'jb:Opening', wanted.kind ? wanted : null);
  };
  const structure = (changed) => { put(changed); refresh(); };
  const set = (name) => (value) => put({ [name]: value || undefined });
  const one = (type, name) => (value) => putExtension(modeler, element, type, value ? { [name]: value } : null);
  const change = (index, name) => (value) => {
    opening.facts[index] = { ...opening.facts[index], [name]: value };
    put({ facts: opening.facts });
  };
  const rows = [row('登记方式', select({ value: opening.kind, options: KINDS, empty: '（未设置，按家庭申请）' }, (kind) => structure({ kind })))];
  if (opening.kind) {
    rows.push(
      row('案号标识', text({ value: opening.series, mono: true, placeholder: '如：DB' }, set('series'))),
      row('登记表单', select({
        value: findExtension(element, 'jb:Form')?.key, options: catalogue.forms.map(({ key, title }) => [key, title]), empty: '（没有另外要填的）',
      }, one('jb:Form', 'key'))),
      row('登记岗位', text({ value: findExtension(element, 'jb:Assignment')?.role, mono: true, placeholder: '窗口经办人' }, one('jb:Assignment', 'role')), { hint: '几个岗位之间用空格隔开' }),
      row('审核权限', text({ value: opening.level, mono: true, placeholder: '不分县级和乡镇' }, set('level')), { hint: '决定由县级还是乡镇审核确认的规则' }),
      row('告知流程', text({ value: opening.tell, mono: true, placeholder: '无' }, set('tell')), { hint: '登记表单里要供流程判断的字段，用逗号隔开' }),
      h('p', { class: 'jb-hint' }, opening.facts.length ? '登记时就已知的固定内容：' : '没有固定内容。'),
      ...opening.facts.map(({ name, value }, index) => h('div', { class: 'jb-item' },
        h('div', { class: 'jb-item-body' },
          row('名称', text({ value: name, mono: true }, change(index, 'name'))),
          row('内容', text({ value, mono: true }, change(index, 'value')))),
        iconButton('trash', '删除这一项', () => structure({ facts: opening.facts.filter((_, at) => at !== index) })))),
      addButton('添加固定内容', () => structure({ facts: [...opening.facts, { name: '', value: '' }] })));
  }
  return group('登记', ...rows);
}
