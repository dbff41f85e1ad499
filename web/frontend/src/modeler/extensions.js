// Reading and writing our extension elements. Each write is one command, so one undo takes it back.
import { getBusinessObject } from 'bpmn-js/lib/util/ModelUtil';

const list = (element) => {
  const box = getBusinessObject(element).get('extensionElements');
  return box ? box.get('values') : [];
};

/** The first extension element of a type such as jb:Assignment, or undefined. */
export const findExtension = (element, type) => list(element).find((value) => value.$type === type);

/** All of a type. */
export const findExtensions = (element, type) => list(element).filter((value) => value.$type === type);

/**
 * Puts the given ones ({attributes} each) in place of all of that type; none removes them.
 * Extension elements of others, and their order, stay as they are. `object` is what has them: the element itself, or
 * the process that a pool stands for.
 */
export function putExtensions(modeler, element, type, wanted, object = getBusinessObject(element)) {
  const modeling = modeler.get('modeling');
  const factory = modeler.get('bpmnFactory');
  const present = list(object);
  const replaced = present.filter((value) => value.$type === type);
  const made = wanted.map((attributes, index) => build(factory, type, { ...(replaced.length === wanted.length && foreign(replaced[index])), ...attributes }));
  const at = present.findIndex((value) => value.$type === type);
  const others = present.filter((value) => value.$type !== type);
  const before = at < 0 ? others.length : present.slice(0, at).filter((value) => value.$type !== type).length;
  const values = [...others.slice(0, before), ...made, ...others.slice(before)];

  let box = object.get('extensionElements');
  if (!values.length) {
    if (box) modeling.updateModdleProperties(element, object, { extensionElements: undefined });
  } else if (box) {
    made.forEach((value) => { value.$parent = box; });
    modeling.updateModdleProperties(element, box, { values });
  } else {
    box = factory.create('bpmn:ExtensionElements', { values });
    made.forEach((value) => { value.$parent = box; });
    box.$parent = object;
    modeling.updateModdleProperties(element, object, { extensionElements: box });
  }
}

/** Puts one, or removes it when the attributes are null. */
export const putExtension = (modeler, element, type, attributes, object) =>
  putExtensions(modeler, element, type, attributes ? [attributes] : [], object);

// Attributes that this editor does not know, written by a newer one or by hand, stay.
const foreign = (old) => old.$attrs;

// Lists of parts (escalation steps, parameters) are given as plain objects with the name of their type.
const PARTS = {
  'jb:Escalation': ['steps', 'jb:Step'],
  'jb:Operation': ['params', 'jb:Param'],
  'jb:Opening': ['facts', 'jb:Fact'],
};

function build(factory, type, attributes) {
  const [property, partType] = PARTS[type] || [];
  if (!property || !attributes[property]) return factory.create(type, attributes);
  const { [property]: parts, ...own } = attributes;
  const made = factory.create(type, own);
  made[property] = parts.map((part) => Object.assign(factory.create(partType, part), { $parent: made }));
  return made;
}
