// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { clean } from "../../src/graph/clean";

const HOSTILE = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
    viewBox="0 0 10 10" onload="hacked()" style="background:url(http://x)">
  <script>hacked()</script>
  <style>@import "http://x";</style>
  <foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x"/></body></foreignObject>
  <a xlink:href="javascript:hacked()"><text>link</text></a>
  <image href="http://x"/>
  <use href="#a"/>
  <animate attributeName="href" to="javascript:hacked()"/>
  <g id="op:&lt;img src=x onerror=hacked()&gt;" class="node tfg-op" onclick="hacked()">
    <path d="M0 0h5" fill="url(#a)" stroke="#123456"/>
    <text x="1">&lt;img src=x onerror=hacked()&gt;</text>
  </g>
</svg>`;

it("only what draws is taken over", () => {
  const svg = clean(HOSTILE);
  const names = [...(svg?.querySelectorAll("*") ?? [])].map((element) => element.localName);
  expect(new Set(names)).toEqual(new Set(["g", "path", "text"]));
  const attributes = [svg, ...(svg?.querySelectorAll("*") ?? [])].flatMap((element) => [
    ...(element?.attributes ?? []),
  ]);
  expect(attributes.filter(({ name }) => /^on|href|style/.test(name))).toEqual([]);
  expect(attributes.filter(({ value }) => value.includes("url("))).toEqual([]);
  expect(svg?.querySelector("path")?.getAttribute("stroke")).toBe("#123456");
});

it("names stay text, and ids are moved out of the page's", () => {
  const group = clean(HOSTILE)?.querySelector("g");
  expect(group?.textContent?.trim()).toBe("<img src=x onerror=hacked()>");
  expect(group?.getAttribute("data-id")).toBe("op:<img src=x onerror=hacked()>");
  expect(group?.id).toBe("");
});

it("what is no SVG is refused", () => {
  expect(clean("")).toBeNull();
  expect(clean("<p>text</p>")).toBeNull();
});
