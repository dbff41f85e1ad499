// Who does a step, by when, with which form, and under which article.
import { findExtension, findExtensions, putExtension, putExtensions } from '../extensions.js';
import { addButton, group, h, iconButton, row, select, text } from './fields.js';
import { spanField } from './span.js';

export function workGroup({ modeler, element, catalogue, refresh }) {
  const assignment = findExtension(element, 'jb:Assignment');
  const form = findExtension(element, 'jb:Form')?.key;
  const one = (type, name) => (value) => putExtension(modeler, element, type, value ? { [name]: value } : null);
  const assign = (name) => (value) => {
    const { role, area } = findExtension(element, 'jb:Assignment') || {};
    const changed = { role, area, [name]: value || undefined };
    putExtension(modeler, element, 'jb:Assignment', changed.role || changed.area ? changed : null);
  };
  return group('办理',
    row('角色', select({ value: assignment?.role, options: catalogue.roles.map(({ key, name }) => [key, name]) }, assign('role'))),
    row('承办单位', text({ value: assignment?.area, mono: true, placeholder: '案件所在单位' }, assign('area')), { hint: '转给别的单位办的，填存有该单位代码的事实名' }),
    row('表单', select({ value: form, options: catalogue.forms.map(({ key, title }) => [key, title]) }, one('jb:Form', 'key'))),
    ...deadlineRows({ modeler, element, catalogue, refresh }));
}

const UNIT_NAMES = { working_days: '个工作日', calendar_days: '天', days: '天', hours: '小时', months: '个月', weeks: '周' };

const limitInWords = ({ value, unit }) => (value === undefined || value === null ? '' : `${value} ${UNIT_NAMES[unit] || unit || ''}`.trim());

function deadlineRows({ modeler, element, catalogue, refresh }) {
  const deadline = findExtension(element, 'jb:Deadline');
  // The start of the clock, and what may choose another rule, stay when the limit changes.
  const put = (attributes) => {
    const { start, chosen } = findExtension(element, 'jb:Deadline') || {};
    putExtension(modeler, element, 'jb:Deadline', attributes && { ...(start && { start }), ...(chosen && { chosen }), ...attributes });
  };
  const mode = deadline ? (deadline.duration !== undefined && deadline.rule === undefined ? 'duration' : 'rule') : '';
  const modes = select({ value: mode, options: [['rule', '按规则（法定期限）'], ['duration', '按时长（无法定期限）']], empty: '（不设期限）' }, (chosen) => {
    put(chosen === 'rule' ? { rule: '' } : chosen === 'duration' ? { duration: 'P3WD' } : null);
    refresh();
  });
  const rows = [row('办理期限', modes)];
  if (mode === 'rule') {
    const rule = catalogue.rules.find(({ key }) => key === deadline.rule);
    const options = catalogue.rules.map((known) => [known.key, [known.name, limitInWords(known)].filter(Boolean).join(' · ')]);
    rows.push(row('', select({ value: deadline.rule, options, empty: '（请选择规则）' }, (key) => { put({ rule: key }); refresh(); }),
      { hint: rule && [limitInWords(rule), rule.source].filter(Boolean).join('，依据：') }));
  } else if (mode === 'duration') {
    rows.push(row('', spanField(deadline.duration, (duration) => put({ duration }))));
  }
  if (mode) {
    const set = (name) => (value) => {
      const { rule, duration, start, chosen } = { ...findExtension(element, 'jb:Deadline'), [name]: value };
      putExtension(modeler, element, 'jb:Deadline', { ...(rule !== undefined && { rule }), ...(duration !== undefined && { duration }), ...(start && { start }), ...(chosen && { chosen }) });
    };
    rows.push(row('起算', text({ value: deadline.start, mono: true, placeholder: '任务到达之时' }, set('start')), { hint: '另从某时起算的，填存有该时间的事实名' }));
    if (mode === 'rule') {
      rows.push(row('另选规则', text({ value: deadline.chosen, mono: true, placeholder: '始终用上面的规则' }, set('chosen')), { hint: '由决策表选定规则的，填存有规则代号的事实名' }));
    }
  }
  return rows;
}

export function lawGroup({ modeler, element, catalogue, refresh }) {
  const laws = findExtensions(element, 'jb:Law').map(({ article, rule, when }) => ({ article, rule, when }));
  const put = (changed) => putExtensions(modeler, element, 'jb:Law', changed);
  const structure = (changed) => { put(changed); refresh(); };
  const articles = [...new Set(catalogue.articles.map(({ article }) => article))];
  const rules = [...new Set(catalogue.articles.map(({ rule }) => rule).filter(Boolean))].sort();
  const setArticle = (index) => (article) => {
    // The rule goes with the article where only one was drawn from it.
    const drawn = catalogue.articles.filter((known) => known.article === article && known.rule);
    const guessed = !laws[index].rule && drawn.length === 1;
    laws[index] = { ...laws[index], article, rule: guessed ? drawn[0].rule : laws[index].rule };
    put(laws);
    if (guessed) refresh();
  };
  const set = (index, name) => (value) => {
    laws[index] = { ...laws[index], [name]: value || undefined };
    put(laws);
  };
  return group('法律依据',
    h('datalist', { id: 'jb-articles' }, articles.map((value) => h('option', { value }))),
    h('datalist', { id: 'jb-rules' }, rules.map((value) => h('option', { value }))),
    ...laws.map(({ article, rule, when }, index) => h('div', { class: 'jb-item' },
      h('div', { class: 'jb-item-body' },
        row('条款', text({ value: article, listId: 'jb-articles', placeholder: '如：第二十四条' }, setArticle(index))),
        row('规则编号', text({ value: rule, listId: 'jb-rules', mono: true, placeholder: '如：DB-17' }, set(index, 'rule'))),
        row('适用条件', text({ value: when, mono: true, placeholder: '所有案件' }, set(index, 'when')), { hint: '只适用于一类救助的，如 aid = "destitute_support"' })),
      iconButton('trash', '删除这一条', () => structure(laws.filter((_, at) => at !== index))))),
    addButton('添加条款', () => structure([...laws, { article: '' }])));
}
