// Bundles each widget into one ES module, as anywidget loads them: tfspark_magic/static/*.js.
// `--out FOLDER` writes elsewhere, for the test that the checked-in modules are current.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build, transform } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { out: { type: "string" } } });
const widgets = ["graph_view", "form", "table", "training_curve", "stage"];

/** A style sheet as text, minified too. */
const styles = {
  name: "styles",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const { code } = await transform(text, { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

await build({
  entryPoints: widgets.map((name) => join(here, "src", `${name}.ts`)).filter(existsSync),
  outdir: values.out ?? join(here, "..", "tfspark_magic", "static"),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "inline",
  plugins: [styles],
});
