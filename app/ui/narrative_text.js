// Draws a narrative's sentences: one under the mouse shows its facts, one that is clicked is told
// to Python. Every text is put in as text: nothing in it is markup.

// The line that was just clicked: drawn anew, perhaps in the other half of the text, it stays in
// sight, and keeps the focus if a key was pressed on it.
let clicked = null;

function node(tag, className, text) {
  return Object.assign(document.createElement(tag), { className, textContent: text ?? "" });
}

function factOf({ id, label, value }) {
  const row = node("div", "");
  const name = node("b", "", `${id} `);
  row.append(name, `${label}: ${value}`);
  return row;
}

function place(card, line, frame) {
  const box = line.getClientRects()[0] ?? line.getBoundingClientRect();
  const around = frame.getBoundingClientRect();
  const last = [...line.getClientRects()].at(-1) ?? box;
  const left = Math.min(box.left - around.left, around.width - card.offsetWidth);
  card.style.left = `${Math.max(left, 0)}px`;
  card.style.top = `${last.bottom - around.top + 4}px`;
}

function lineOf(line, selected, frame, card, component) {
  const { index } = line;
  const span = node("span", line.other ? "line other" : "line", line.text);
  span.tabIndex = 0;
  span.dataset.index = index;
  span.setAttribute("role", "button");
  span.setAttribute("aria-pressed", String(index === selected));
  span.title = line.other;
  span.append(" ", node("span", "refs", `[${line.facts.map((one) => one.id).join(", ")}]`));
  const show = () => {
    if (index === selected) return; // its facts stand under it
    card.replaceChildren(...line.facts.map(factOf));
    card.hidden = false;
    place(card, span, frame);
  };
  const hide = () => (card.hidden = true);
  const pick = (byKey) => {
    hide();
    clicked = { index, byKey };
    component.setTriggerValue("line", index);
  };
  span.onmouseenter = span.onfocus = show;
  span.onmouseleave = span.onblur = hide;
  span.onclick = () => pick(false);
  span.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    pick(true);
  };
  return span;
}

export default function (component) {
  const { data, parentElement } = component;
  const frame = parentElement.querySelector(".narrative");
  const card = node("div", "card");
  card.setAttribute("role", "tooltip");
  card.hidden = true;
  // Whatever the reason to draw anew: a line keeps the focus.
  const active = frame.getRootNode().activeElement;
  const focused = active?.classList.contains("line") ? Number(active.dataset.index) : null;
  const parts = data.parts.map(({ heading, lines }) => {
    const part = node("section", "");
    const text = node("p", "");
    for (const line of lines) {
      text.append(lineOf(line, data.selected, frame, card, component), " ");
    }
    part.append(...(heading ? [node("h5", "", heading)] : []), text);
    return part;
  });
  frame.replaceChildren(...parts, card);
  const find = (index) => frame.querySelector(`.line[data-index="${index}"]`);
  find(focused)?.focus({ preventScroll: true });
  const line = clicked && find(clicked.index);
  if (!line) return;
  if (clicked.byKey) line.focus({ preventScroll: true });
  // What stood open above it may have gone.
  if (clicked.index === data.selected) line.scrollIntoView({ block: "nearest" });
  clicked = null;
}
