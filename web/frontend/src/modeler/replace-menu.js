// "Change element": only the kinds that the engine executes rightly. What is drawn otherwise is refused by the server.

const KINDS = [
  'user-task', 'service-task', 'rule-task', 'receive-task', 'send-task', 'manual-task', 'call-activity',
  'expanded-subprocess', 'collapsed-subprocess', 'subprocess', 'event-subprocess',
  'exclusive-gateway', 'parallel-gateway', 'inclusive-gateway', 'event-based-gateway',
  'none-start', 'none-end', 'message-end', 'signal-end', 'error-end', 'escalation-end', 'terminate-end',
  'message-intermediate-catch', 'timer-intermediate-catch', 'signal-intermediate-catch', 'conditional-intermediate-catch',
  'message-intermediate-throw', 'signal-intermediate-throw', 'escalation-intermediate-throw',
  ...['message', 'timer', 'signal', 'conditional', 'escalation'].flatMap((kind) => [`${kind}-boundary`, `non-interrupting-${kind}-boundary`]),
  'error-boundary',
  // Start events with a trigger belong to event sub-processes; a case itself starts by a plain one.
  ...['message', 'timer', 'signal', 'conditional', 'escalation'].flatMap((kind) => [`${kind}-start`, `non-interrupting-${kind}-start`]),
  'error-start',
  'sequence-flow', 'default-flow', 'conditional-flow',
  'expanded-pool', 'collapsed-pool',
];
const OFFERED = new Set(KINDS.map((kind) => `replace-with-${kind}`));
const HEADER = new Set(['toggle-parallel-mi', 'toggle-sequential-mi', 'toggle-loop', 'toggle-non-interrupting']);

const only = (names) => (entries) => Object.fromEntries(Object.entries(entries).filter(([name]) => names.has(name)));

class ReplaceMenuFilter {
  constructor(popupMenu) {
    popupMenu.registerProvider('bpmn-replace', 500, this);
  }

  getPopupMenuEntries() {
    return only(OFFERED);
  }

  getPopupMenuHeaderEntries() {
    return only(HEADER);
  }
}
ReplaceMenuFilter.$inject = ['popupMenu'];

export default { __init__: ['jbReplaceMenu'], jbReplaceMenu: ['type', ReplaceMenuFilter] };
