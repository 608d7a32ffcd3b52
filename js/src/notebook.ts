// What the form writes into the notebook around it, and whether the notebook's kernel has ended.
// Front ends other than JupyterLab's and Jupyter Notebook's give no notebook: then nothing is done.

import type { AnyModel } from "@anywidget/types";

/** What the user did, for the metadata of the form's cell. */
export interface Kept {
  cell: string;
  /** The name of the program. */
  name: string;
  kept: Record<string, unknown>;
  version: number;
}

type Data = Record<string, unknown>;

interface Output {
  data: Data;
  metadata?: Data;
  toJSON(): { data: Data };
}
interface Cell {
  id: string;
  getMetadata(name: string): unknown;
  setMetadata(name: string, value: unknown): void;
  deleteMetadata(name: string): void;
  outputs?: {
    length: number;
    get(at: number): Output;
    set(at: number, value: unknown): void;
    add(value: unknown): void;
  };
}
interface Signal<T> {
  connect(slot: (sender: unknown, args: T) => void): void;
  disconnect(slot: (sender: unknown, args: T) => void): void;
}
interface Context {
  model: { cells: Iterable<Cell> };
  sessionContext: { statusChanged: Signal<string>; kernelChanged: Signal<unknown> };
}

const METADATA = "tfspark_magic";
const HTML = "text/html";
const ENDED = ["restarting", "autorestarting", "terminating", "dead"];

function contextOf(model: AnyModel): Context | undefined {
  return (model.widget_manager as unknown as { context?: Context })?.context;
}

/** Whether the notebook around a widget can be read and written. */
export function isNotebook(model: AnyModel): boolean {
  return contextOf(model) !== undefined;
}

function cellOf(model: AnyModel, id: string): Cell | undefined {
  return [...(contextOf(model)?.model.cells ?? [])].find((cell) => cell.id === id);
}

/** Write what the user did into the metadata of the form's cell; false if there is no notebook. */
export function writeKept(model: AnyModel, { cell: id, name, kept }: Kept): boolean {
  const cell = cellOf(model, id);
  if (!cell) return false;
  const stored = (cell.getMetadata(METADATA) ?? {}) as Data;
  const { [name]: _, ...others } = stored;
  const now = Object.keys(kept).length ? { ...others, [name]: kept } : others;
  if (JSON.stringify(now) === JSON.stringify(stored)) return true;
  if (Object.keys(now).length) cell.setMetadata(METADATA, now);
  else cell.deleteMetadata(METADATA);
  return true;
}

/** Write what is on show into the output above the form, which a notebook without kernel shows. */
export function writeLast(model: AnyModel, { cell: id, name }: Kept, data: Data): void {
  const outputs = cellOf(model, id)?.outputs;
  for (let at = 0; outputs && at < outputs.length; at++) {
    const output = outputs.get(at);
    const html = textOf(output.data[HTML]);
    if (!html.includes(`data-tfs-program="${name}"`)) continue;
    if (html !== data[HTML]) outputs.set(at, { ...output.toJSON(), data });
    return;
  }
}

/** Have a cell keep an output for a notebook that is saved while the cell runs; without data, no more. */
export function writeStill(model: AnyModel, id: string, data: Data): void {
  const outputs = cellOf(model, id)?.outputs;
  if (!outputs) return;
  const metadata = { [METADATA]: "so far" };
  const output = { output_type: "display_data", data, metadata };
  for (let at = 0; at < outputs.length; at++) {
    if (outputs.get(at).metadata?.[METADATA] !== metadata[METADATA]) continue;
    // What JupyterLab removes stays in the file, at another place: nothing is shown of an empty output.
    const empty = { output_type: "display_data", data: {}, metadata: {} };
    outputs.set(at, HTML in data ? output : empty);
    return;
  }
  if (HTML in data) outputs.add(output);
}

/** Call back once the kernel has ended; return what ends this. */
export function whenEnded(model: AnyModel, ended: () => void): () => void {
  const session = contextOf(model)?.sessionContext;
  if (!session) return () => {};
  const onStatus = (_: unknown, status: string) => {
    if (ENDED.includes(status)) ended();
  };
  const onKernel = () => ended();
  session.statusChanged.connect(onStatus);
  session.kernelChanged.connect(onKernel);
  return () => {
    session.statusChanged.disconnect(onStatus);
    session.kernelChanged.disconnect(onKernel);
  };
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join("") : String(value ?? "");
}
