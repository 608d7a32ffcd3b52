// Shows graphs in a page without a kernel: what it would answer was asked when the page was made.
// `view` is the widget's module, whose name the page gives it.

/** A model as anywidget gives it, with the answers of a kernel that is gone. */
class Recorded {
  constructor({ state, answers }) {
    this.state = state;
    this.answers = answers;
    this.callbacks = new Map();
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    if (this.state[name] === value) return;
    this.state[name] = value;
    this.emit(`change:${name}`);
    if (name === "direction") this.turn(value);
  }

  save_changes() {}

  on(event, callback) {
    this.callbacks.set(event, [...(this.callbacks.get(event) ?? []), callback]);
  }

  off(event, callback) {
    this.callbacks.set(event, (this.callbacks.get(event) ?? []).filter((one) => one !== callback));
  }

  emit(event, ...facts) {
    for (const callback of this.callbacks.get(event) ?? []) callback(...facts);
  }

  turn(direction) {
    for (const [name, value] of Object.entries(this.answers.directions[direction])) this.set(name, value);
  }

  send({ id, ask, ...facts }) {
    queueMicrotask(() => {
      try {
        this.emit("msg:custom", { id, answer: this.answer(ask, facts) });
      } catch (error) {
        this.emit("msg:custom", { id, error: error.message });
      }
    });
  }

  answer(ask, { node, row, name, text, format }) {
    const { details, sizes, values, exports } = this.answers;
    const known = Object.values(details);
    switch (ask) {
      case "details":
        return details[node];
      case "size":
        return sizes[node];
      case "values": {
        const pages = values[node] ?? [];
        return pages[Math.min(row, pages.length - 1)] ?? { pages: [] };
      }
      case "search": {
        const words = text.toLowerCase().split(/\s+/).filter(Boolean);
        const found = known.filter(({ name, op }) =>
          words.every((word) => name.toLowerCase().includes(word) || word === `op:${op}`.toLowerCase()),
        );
        // The name itself comes before names that hold it.
        found.sort((one, other) => one.name.length - other.name.length);
        const findings = found.map(({ name, op, outputs }) => ({ name, op, spec: outputs[0] ?? "" }));
        return { total: findings.length, findings };
      }
      case "export":
        return { text: exports[format] };
      case "reveal": {
        const found = known.find((one) => one.name === name);
        if (found) return { id: found.id, says: "" };
      }
    }
    throw new Error("This page shows the graph as it was when the page was made.");
  }
}

const graphs = JSON.parse(document.getElementById("graphs").textContent);
for (const place of document.querySelectorAll(".tfs-live")) {
  const graph = graphs[place.dataset.model];
  if (graph) view.render({ model: new Recorded(graph), el: place });
  else place.remove();
}
