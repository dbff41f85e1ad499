// The words of the editor in Chinese. A unit test finds every string that bpmn-js may show and that is missing here.

const kinds = {
  message: '消息',
  timer: '定时',
  conditional: '条件',
  signal: '信号',
  error: '错误',
  escalation: '升级',
  compensation: '补偿',
  cancel: '取消',
  link: '连接',
  terminate: '终止',
};

const places = {
  'start event': '开始事件',
  'intermediate catch event': '中间捕获事件',
  'intermediate throw event': '中间抛出事件',
  'boundary event': '边界事件',
  'end event': '结束事件',
};

const events = {};
for (const [kind, kindName] of Object.entries(kinds)) {
  for (const [place, placeName] of Object.entries(places)) {
    const label = `${kind[0].toUpperCase()}${kind.slice(1)} ${place}`;
    events[label] = `${kindName}${placeName}`;
    events[`${label} (non-interrupting)`] = `${kindName}${placeName}（不中断）`;
  }
}

export const zh = {
  ...events,

  // The palette and the tools.
  'Activate hand tool': '拖动画布',
  'Activate lasso tool': '框选',
  'Activate create/remove space tool': '增减空白',
  'Activate global connect tool': '连线',
  'Create start event': '添加开始事件',
  'Create intermediate/boundary event': '添加中间事件或边界事件',
  'Create end event': '添加结束事件',
  'Create gateway': '添加网关',
  'Create task': '添加任务',
  'Create data object reference': '添加数据对象',
  'Create data store reference': '添加数据存储',
  'Create expanded sub-process': '添加子流程（展开）',
  'Create pool/participant': '添加泳池',
  'Create group': '添加分组框',
  'Search in diagram': '在图中查找',

  // The pad beside an element.
  Delete: '删除',
  'Add lane above': '在上方加泳道',
  'Add lane below': '在下方加泳道',
  'Add lane left': '在左侧加泳道',
  'Add lane right': '在右侧加泳道',
  'Divide into two lanes': '分成两条泳道',
  'Divide into three lanes': '分成三条泳道',
  'Append receive task': '接一个接收任务',
  'Append message intermediate catch event': '接一个消息事件',
  'Append timer intermediate catch event': '接一个定时事件',
  'Append conditional intermediate catch event': '接一个条件事件',
  'Append signal intermediate catch event': '接一个信号事件',
  'Append compensation activity': '接一个补偿活动',
  'Append end event': '接一个结束事件',
  'Append gateway': '接一个网关',
  'Append task': '接一个任务',
  'Append intermediate/boundary event': '接一个中间事件',
  'Change element': '更改类型',
  'Add text annotation': '加文字注释',
  'Connect to other element': '连到其他元素',
  'Connect using association': '用关联线连接',
  'Connect using data input association': '用数据输入关联连接',
  'Align elements': '对齐',
  'Align elements ': '对齐',
  'Align elements left': '左对齐',
  'Align elements right': '右对齐',
  'Align elements center': '水平居中',
  'Align elements top': '上对齐',
  'Align elements bottom': '下对齐',
  'Align elements middle': '垂直居中',
  'Distribute elements horizontally': '水平等距分布',
  'Distribute elements vertically': '垂直等距分布',
  'Open {element}': '打开 {element}',

  // Kinds of elements.
  Task: '任务',
  'User task': '用户任务',
  'Service task': '服务任务（自动）',
  'Send task': '发送任务',
  'Receive task': '接收任务',
  'Manual task': '手工任务',
  'Business rule task': '业务规则任务',
  'Script task': '脚本任务',
  'Call activity': '调用活动',
  Transaction: '事务',
  'Event sub-process': '事件子流程',
  'Sub-process': '子流程',
  'Sub-process (collapsed)': '子流程（折叠）',
  'Sub-process (expanded)': '子流程（展开）',
  'Ad-hoc sub-process': '自组织子流程',
  'Ad-hoc sub-process (collapsed)': '自组织子流程（折叠）',
  'Ad-hoc sub-process (expanded)': '自组织子流程（展开）',
  'Exclusive gateway': '排他网关（择一）',
  'Parallel gateway': '并行网关（同时）',
  'Inclusive gateway': '包容网关（可多选）',
  'Complex gateway': '复杂网关',
  'Event-based gateway': '事件网关（先到先走）',
  'Event based instantiating Gateway': '由事件启动的网关',
  'Parallel Event based instantiating Gateway': '由多个事件启动的网关',
  'Data store reference': '数据存储',
  'Data object reference': '数据对象',
  'Expanded pool/participant': '展开的泳池',
  'Empty pool/participant': '空泳池',
  'Empty pool/participant (removes content)': '空泳池（会删除其中内容）',
  'Start event': '开始事件',
  'Intermediate throw event': '中间事件（无类型）',
  'Boundary event': '边界事件',
  'End event': '结束事件',
  'Sequence flow': '顺序流',
  'Default flow': '默认流向',
  'Conditional flow': '条件流向',
  'Parallel multi-instance': '多实例（同时）',
  'Sequential multi-instance': '多实例（依次）',
  Loop: '循环',
  Collection: '集合',
  'Participant multiplicity': '多个参与者',
  'Toggle non-interrupting': '切换是否中断',

  // What we add ourselves.
  'Create user task': '添加用户任务',
  'Create service task': '添加服务任务（自动）',
  'Create exclusive gateway': '添加排他网关（择一）',
  'Create parallel gateway': '添加并行网关（同时）',
  'Create timer event': '添加定时事件（也可放在任务边上）',
  'Append user task': '接一个用户任务',
  'Append exclusive gateway': '接一个排他网关',
  'Append parallel gateway': '接一个并行网关',
  'Append timer event': '接一个定时事件',
};

/** bpmn-js asks this for every text that it shows. */
export function translate(template, replacements = {}) {
  const text = zh[template] || template;
  return text.replace(/{([^}]+)}/g, (_, key) => replacements[key] ?? `{${key}}`);
}

export default { translate: ['value', translate] };
