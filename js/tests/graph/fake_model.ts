/** A model with a drawing of two nodes, whose kernel is the test. */

import type { AnyModel } from "@anywidget/types";
import type { Traits } from "../../src/graph/protocol";

type Asked = { id: string; ask: string; [fact: string]: unknown };
type Callback = (message?: unknown) => void;

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><g class="graph tfg">
<g id="op:a" class="node tfg-node tfg-op"><path d="M0 0L9 0L9 9"/><text>a</text></g>
<g id="scope:s" class="node tfg-node tfg-scope"><polygon points="0,20 9,20 9,29"/></g>
<g id="edge:op:a-&gt;scope:s" class="edge tfg-edge"><path d="M5 9L5 20"/></g></g></svg>`;

export class FakeModel {
  asked: Asked[] = [];
  saved = 0;
  #callbacks: [string, Callback][] = [];
  #traits: Traits = {
    uid: "u",
    title: "A graph",
    svg: SVG,
    view: {
      nodes: [
        {
          id: "op:a",
          name: "a",
          box: "",
          kind: "op",
          does: "arithmetic",
          openable: false,
          says: "float32",
        },
        {
          id: "scope:s",
          name: "s",
          box: "",
          kind: "scope",
          does: "",
          openable: true,
          says: "2 operations",
        },
      ],
      boxes: [],
      links: [["op:a", "scope:s"]],
    },
    at: [],
    selected: "",
    direction: "down",
    room: 0,
    viewport: [],
    peeking: { can: false, compared: false, state: "", says: "", first: "" },
    cost: {},
  };

  asModel(): AnyModel<Traits> {
    return this as unknown as AnyModel<Traits>;
  }

  get<Name extends keyof Traits>(name: Name): Traits[Name] {
    return this.#traits[name];
  }

  set<Name extends keyof Traits>(name: Name, value: Traits[Name]): void {
    this.#traits[name] = value;
  }

  save_changes(): void {
    this.saved += 1;
  }

  on(event: string, callback: Callback): void {
    this.#callbacks.push([event, callback]);
  }

  off(event: string, callback: Callback): void {
    this.#callbacks = this.#callbacks.filter(([e, c]) => e !== event || c !== callback);
  }

  send(asked: Asked): void {
    this.asked.push(asked);
  }

  /** Answer the last question, or one before. */
  answer(answer: unknown, id = this.asked.at(-1)?.id): void {
    this.#tell("msg:custom", { id, answer });
  }

  refuse(error: string): void {
    this.#tell("msg:custom", { id: this.asked.at(-1)?.id, error });
  }

  /** Take over new values, as from the kernel. */
  receive(values: Partial<Traits>): void {
    Object.assign(this.#traits, values);
    for (const name of Object.keys(values)) this.#tell(`change:${name}`);
  }

  #tell(event: string, message?: unknown): void {
    for (const [told, callback] of this.#callbacks) if (told === event) callback(message);
  }
}
