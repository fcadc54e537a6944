// Draws a narrative's sentences: one under the mouse shows its facts, one that is clicked is told
// to Python. Every text is put in as text: nothing in it is markup.

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

function lineOf(line, index, selected, frame, card, component) {
  const span = node("span", line.other ? "line other" : "line", line.text);
  span.tabIndex = 0;
  span.setAttribute("role", "button");
  span.setAttribute("aria-pressed", String(index === selected));
  span.title = line.other;
  span.append(" ", node("span", "refs", `[${line.facts.map((one) => one.id).join(", ")}]`));
  const show = () => {
    card.replaceChildren(...line.facts.map(factOf));
    card.hidden = false;
    place(card, span, frame);
  };
  const hide = () => (card.hidden = true);
  const pick = () => {
    hide();
    component.setStateValue("line", index === selected ? null : index);
  };
  span.onmouseenter = span.onfocus = show;
  span.onmouseleave = span.onblur = hide;
  span.onclick = pick;
  span.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    pick();
  };
  return span;
}

export default function (component) {
  const { data, parentElement } = component;
  const frame = parentElement.querySelector(".narrative");
  const card = node("div", "card");
  card.setAttribute("role", "tooltip");
  card.hidden = true;
  // Drawn anew after a key was pressed on a line: it keeps the focus.
  const focused = [...frame.querySelectorAll(".line")].indexOf(frame.getRootNode().activeElement);
  let index = 0;
  const parts = data.parts.map(({ heading, lines }) => {
    const part = node("section", "");
    const text = node("p", "");
    for (const line of lines) {
      text.append(lineOf(line, index, data.selected, frame, card, component), " ");
      index += 1;
    }
    part.append(node("h5", "", heading), text);
    return part;
  });
  frame.replaceChildren(...parts, card);
  if (focused >= 0) frame.querySelectorAll(".line")[focused]?.focus({ preventScroll: true });
}
