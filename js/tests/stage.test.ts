// @vitest-environment happy-dom
import { expect, test } from "vitest";
import stage from "../src/stage";

const html = (id: string, value: string) => ({ id, kind: "html", value });
const cancel = (more: object) => ({ id: "c", kind: "button", description: "Cancel", ...more });

function shown(tree: object) {
  const told: unknown[] = [];
  let update = () => {};
  const model = {
    get: () => model.tree,
    on: (_: string, callback: () => void) => {
      update = callback;
    },
    off: () => {},
    send: (content: unknown) => told.push(content),
    tree,
  };
  const drawn: [string, AbortSignal | undefined][] = [];
  const host = {
    getWidget: async (ref: string) => ({
      render: async ({ el, signal }: { el: HTMLElement; signal?: AbortSignal }) => {
        el.textContent = ref;
        drawn.push([ref, signal]);
      },
    }),
  };
  const el = document.createElement("div");
  const close = stage.render({ model, el, host } as never);
  const become = (next: object) => {
    model.tree = next;
    update();
  };
  return { el, told, drawn, become, close };
}

test("boxes, texts and buttons are drawn in place, and other widgets by the host", async () => {
  const inside = [html("a", "<b>one</b>"), cancel({ styles: { display: "none" } })];
  const table = { id: "t", kind: "widget", ref: "anywidget:t" };
  const { el, told, drawn, become, close } = shown({ id: "r", kind: "row", inside });
  const [text, button] = [el.querySelector("b"), el.querySelector("button")];
  expect(button?.style.display).toBe("none");
  become({ id: "r", kind: "row", inside: [html("a", "<b>one</b>"), cancel({}), table] });
  await Promise.resolve();
  await Promise.resolve();
  expect(el.querySelector("b")).toBe(text);
  expect(button?.style.display).toBe("");
  button?.click();
  expect(told).toEqual([{ press: "c" }]);
  expect(drawn.map(([ref]) => ref)).toEqual(["anywidget:t"]);
  become({ id: "r", kind: "row", inside: [cancel({ disabled: true }), table] });
  expect(el.querySelector("b")).toBeNull();
  expect(drawn.length).toBe(1);
  expect(drawn[0]?.[1]?.aborted).toBe(false);
  close();
  expect(drawn[0]?.[1]?.aborted).toBe(true);
});
