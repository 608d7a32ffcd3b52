import { expect, test } from "vitest";
import { type Kept, whenEnded, writeKept, writeLast, writeStill } from "../src/notebook";

class FakeSignal {
  slots = new Set<(sender: unknown, args: unknown) => void>();
  connect(slot: (sender: unknown, args: unknown) => void) {
    this.slots.add(slot);
  }
  disconnect(slot: (sender: unknown, args: unknown) => void) {
    this.slots.delete(slot);
  }
  emit(args: unknown) {
    for (const slot of this.slots) slot(null, args);
  }
}

function cell(id: string, ...outputs: Record<string, unknown>[]) {
  const metadata = new Map<string, unknown>();
  const made = outputs.map((data) => ({
    data,
    toJSON: () => ({ data, output_type: "display_data" }),
  }));
  return {
    id,
    metadata,
    set: [] as unknown[],
    getMetadata: (name: string) => metadata.get(name),
    setMetadata: (name: string, value: unknown) => metadata.set(name, value),
    deleteMetadata: (name: string) => metadata.delete(name),
    outputs: {
      length: outputs.length,
      get: (at: number) => made[at],
      set(at: number, value: unknown) {
        one.set.push([at, value]);
      },
    },
  };
}

const html = '<div data-tfs-program="score">';
const one = cell(
  "one",
  { "text/html": "other" },
  { "text/html": [html, "</div>"] },
  { "text/plain": "" },
);
const session = { statusChanged: new FakeSignal(), kernelChanged: new FakeSignal() };
// biome-ignore lint/suspicious/noExplicitAny: the fake has what is used of a model.
const model: any = {
  widget_manager: {
    context: { model: { cells: [cell("none"), one] }, sessionContext: session },
  },
};
const kept = (what: Record<string, unknown>): Kept => ({
  cell: "one",
  name: "score",
  kept: what,
  version: 1,
});

test("what the user did is in the metadata of the cell, and nothing else of it", () => {
  one.metadata.set("tags", ["mine"]);
  expect(writeKept(model, kept({}))).toBe(true);
  expect([...one.metadata.keys()]).toEqual(["tags"]);
  writeKept(model, kept({ choices: { out: "o" } }));
  writeKept(model, { ...kept({ closed: ["a"] }), name: "other" });
  expect(one.metadata.get("tfspark_magic")).toEqual({
    score: { choices: { out: "o" } },
    other: { closed: ["a"] },
  });
  writeKept(model, kept({}));
  writeKept(model, { ...kept({}), name: "other" });
  expect([...one.metadata.keys()]).toEqual(["tags"]);
});

test("what is on show is in the output of its program, once", () => {
  writeLast(model, kept({}), { "text/html": `${html}</div>` });
  expect(one.set).toEqual([]);
  const data = { "text/html": `${html} new</div>` };
  writeLast(model, kept({}), data);
  expect(one.set).toEqual([[1, { data, output_type: "display_data" }]]);
  writeLast(model, { ...kept({}), name: "unknown" }, data);
  expect(one.set.length).toBe(1);
});

test("other front ends have no notebook to write into", () => {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  for (const other of [{}, { widget_manager: {} }] as any[]) {
    expect(writeKept(other, kept({}))).toBe(false);
    writeLast(other, kept({}), {});
    whenEnded(other, () => {})();
  }
});

test("the end of a kernel is heard, and no other state of it", () => {
  let ends = 0;
  const leave = whenEnded(model, () => {
    ends += 1;
  });
  for (const status of ["busy", "idle", "starting", "unknown"]) session.statusChanged.emit(status);
  expect(ends).toBe(0);
  for (const status of ["restarting", "autorestarting", "dead"]) session.statusChanged.emit(status);
  session.kernelChanged.emit({});
  expect(ends).toBe(4);
  leave();
  session.kernelChanged.emit({});
  expect(ends).toBe(4);
});

test("a cell has one output for a notebook that is saved while it runs", () => {
  const outputs: { data: Record<string, string>; metadata?: object }[] = [{ data: {} }];
  const running = {
    id: "running",
    outputs: {
      get length() {
        return outputs.length;
      },
      get: (at: number) => outputs[at],
      set: (at: number, value: (typeof outputs)[0]) => outputs.splice(at, 1, value),
      add: (value: (typeof outputs)[0]) => outputs.push(value),
    },
  };
  const page = { widget_manager: { context: { model: { cells: [running] } } } } as never;
  writeStill(page, "running", {});
  writeStill(page, "running", { "text/html": "1" });
  writeStill(page, "running", { "text/html": "2" });
  expect(outputs.map(({ data }) => data["text/html"])).toEqual([undefined, "2"]);
  writeStill(page, "running", {});
  expect(outputs.slice(1)).toEqual([{ output_type: "display_data", data: {}, metadata: {} }]);
  writeStill(page, "elsewhere", { "text/html": "1" });
  expect(outputs.length).toBe(2);
});
