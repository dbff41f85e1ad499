// "Change element": only the kinds that the engine executes rightly. What is drawn otherwise is refused by the server.

const KINDS = [
  'user-task', 'service-task', 'rule-task', 'receive-task', 'send-task', 'manual-task', 'call-activity',
  'expanded-subprocess', 'collapsed-subprocess', 'subprocess',
  'exclusive-gateway', 'parallel-gateway', 'inclusive-gateway', 'event-based-gateway',
  'none-start', 'message-start', 'timer-start',
  'none-end', 'message-end', 'error-end', 'escalation-end', 'terminate-end',
  'message-intermediate-catch', 'timer-intermediate-catch', 'signal-intermediate-catch',
  'message-intermediate-throw', 'signal-intermediate-throw', 'escalation-intermediate-throw',
  'message-boundary', 'timer-boundary', 'error-boundary', 'escalation-boundary', 'signal-boundary',
  'non-interrupting-message-boundary', 'non-interrupting-timer-boundary',
  'non-interrupting-escalation-boundary', 'non-interrupting-signal-boundary',
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
