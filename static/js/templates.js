/** Markup lives in the Django templates; modules clone it and fill the places marked for that. */

export function clone(id) {
  return document.getElementById(id).content.cloneNode(true);
}

/** The place called `name` in a piece of markup. */
export function place(root, name) {
  return root.querySelector(`[data-fill="${name}"], [data-slot="${name}"], [data-action="${name}"]`);
}

export function fill(root, texts) {
  for (const [name, text] of Object.entries(texts)) {
    place(root, name).textContent = text;
  }
}

/** A new element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
