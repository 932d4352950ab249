/** Elements of the page: those that index.html holds, and new ones. Text enters as text, never as markup. */

type Child = Node | string;
type Attributes = Readonly<Record<string, string | number | boolean>>;

/** The element with an id. @throws Error where index.html lacks it, or it is of another kind */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`index.html has no ${kind.name} with the id ${id}`);
}

/** A new element; true sets an attribute without a value, false leaves it out. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** A button with what a click does. */
export function button(text: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", onClick);
  return made;
}

/** Sets the text where it differs, so that nothing is laid out anew for the same. */
export function setText(target: Node, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
