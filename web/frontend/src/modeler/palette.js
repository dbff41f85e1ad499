// The palette and the pad beside an element, with what the engine executes and nothing else.

const TOOLS = ['hand-tool', 'lasso-tool', 'space-tool', 'global-connect-tool', 'tool-separator'];
const KEPT_FROM_BPMN_JS = ['create.start-event', 'create.end-event', 'create.subprocess-expanded', 'create.participant-expanded'];

const TIMER = { eventDefinitionType: 'bpmn:TimerEventDefinition' };
const CREATED = [
  ['user-task', 'bpmn:UserTask', 'activity', 'bpmn-icon-user-task', 'user task'],
  ['service-task', 'bpmn:ServiceTask', 'activity', 'bpmn-icon-service-task', 'service task'],
  ['exclusive-gateway', 'bpmn:ExclusiveGateway', 'gateway', 'bpmn-icon-gateway-xor', 'exclusive gateway'],
  ['parallel-gateway', 'bpmn:ParallelGateway', 'gateway', 'bpmn-icon-gateway-parallel', 'parallel gateway'],
  ['timer-event', 'bpmn:IntermediateCatchEvent', 'event', 'bpmn-icon-intermediate-event-catch-timer', 'timer event', TIMER],
];
const APPENDED = CREATED.filter(([name]) => name !== 'service-task');

/** Replaces the entries of bpmn-js by ours; called after its own provider, with what that offered. */
class PaletteEntries {
  constructor(palette, create, elementFactory, translate) {
    Object.assign(this, { create, elementFactory, translate });
    palette.registerProvider(500, this);
  }

  getPaletteEntries() {
    return (offered) => {
      const entries = {};
      for (const name of TOOLS) entries[name] = offered[name];
      entries['create.start-event'] = offered['create.start-event'];
      for (const [name, type, group, className, words, options] of CREATED) {
        const start = (event) => this.create.start(event, this.elementFactory.createShape({ type, ...options }));
        const title = this.translate(`Create ${words}`);
        entries[`create.${name}`] = { group, className, title, action: { dragstart: start, click: start } };
      }
      for (const name of KEPT_FROM_BPMN_JS) entries[name] = offered[name];
      return entries;
    };
  }
}
PaletteEntries.$inject = ['palette', 'create', 'elementFactory', 'translate'];

/** Offers to append a user task rather than a task without a type, and so on. */
class PadEntries {
  constructor(contextPad, create, elementFactory, autoPlace, appendPreview, popupMenu, translate) {
    Object.assign(this, { contextPad, create, elementFactory, autoPlace, appendPreview, popupMenu, translate });
    contextPad.registerProvider(500, this);
  }

  getContextPadEntries() {
    return (offered) => {
      const entries = { ...offered };
      if (offered['append.append-task']) {
        ['append.append-task', 'append.gateway', 'append.intermediate-event'].forEach((name) => delete entries[name]);
        const appended = Object.fromEntries(APPENDED.map((entry) => [`append.${entry[0]}`, this.append(entry)]));
        const { 'append.end-event': end, ...rest } = entries;
        return this.withShortMenu({ ...appended, 'append.end-event': end, ...rest });
      }
      delete entries['append.compensation-activity']; // compensation is not executed
      return this.withShortMenu(entries);
    };
  }

  append([, type, , className, words, options]) {
    const shape = () => this.elementFactory.createShape({ type, ...options });
    return {
      group: 'model',
      className,
      title: this.translate(`Append ${words}`),
      action: {
        click: (_, source) => this.autoPlace.append(source, shape()),
        dragstart: (event, source) => this.create.start(event, shape(), { source }),
        hover: (_, source) => {
          this.appendPreview.create(source, type, options || {});
          return () => this.appendPreview.cleanUp();
        },
      },
    };
  }

  // The menu is short now; without its search field nothing in it speaks English.
  withShortMenu(entries) {
    if (!entries.replace) return entries;
    const click = (event, element) => {
      const pad = document.querySelector('.djs-context-pad.open').getBoundingClientRect();
      const position = { x: pad.left, y: pad.bottom + 5, cursor: { x: event.x, y: event.y } };
      this.popupMenu.open(element, 'bpmn-replace', position, { title: this.translate('Change element'), width: 260 });
    };
    return { ...entries, replace: { ...entries.replace, action: { click } } };
  }
}
PadEntries.$inject = ['contextPad', 'create', 'elementFactory', 'autoPlace', 'appendPreview', 'popupMenu', 'translate'];

export default {
  __init__: ['jbPalette', 'jbPad'],
  jbPalette: ['type', PaletteEntries],
  jbPad: ['type', PadEntries],
};
