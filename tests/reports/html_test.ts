/** The page of a run: one file, no network, and nothing that a peer wrote is more than text. */
import assert from "node:assert/strict";
import { html } from "../../reports/html.ts";
import { chartJs, chartJsVersion } from "../../reports/page/chart_js.ts";
import { pageScript } from "../../reports/page/script.ts";
import { view } from "../../reports/view.ts";
import { controlsIn } from "./controls.ts";
import { exampleFaults, exampleRun } from "./example_run.ts";

/** The page apart from Chart.js, whose licence and messages name places on the web. */
function ownPart(page: string): string {
  return page.replace(/<script>\/\* Chart\.js[\s\S]*?<\/script>/, "");
}

function viewIn(page: string): unknown {
  const block = /<script type="application\/json" id="view">(.*?)<\/script>/s.exec(page);
  return JSON.parse(block![1]!);
}

Deno.test("the page forbids itself every request", () => {
  const page = html(exampleRun());
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!;
  assert.match(
    policy,
    /^default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:/,
  );
  assert.ok(
    page.indexOf("Content-Security-Policy") < page.indexOf("<style>"),
    "before all it governs",
  );
});

Deno.test("the page refers to nothing outside of itself", () => {
  const own = ownPart(html(exampleRun()));
  const outward =
    /.{0,30}(https?:|\/\/[a-z]|@import|[ :]url\(|<link|<iframe|\bsrc=|\bhref=).{0,30}/gi;
  assert.deepEqual(own.match(outward), null);
});

Deno.test("fifty peers fit into a megabyte, and five hundred with ten files into two", () => {
  assert.ok(html(exampleRun()).length < 1_000_000);
  const names = Array.from({ length: 10 }, (_, at) => `file ${at}`);
  const faults = Array.from({ length: 3000 }, (_, at) => ({
    ...{ kind: "crash", who: `pc${at}`, fromSeconds: at / 10, toSeconds: at / 10 + 1 },
  }));
  assert.ok(html(exampleRun({ peers: 500, names, buckets: 1200, faults })).length < 2_000_000);
});

Deno.test("what the page draws can be read back from it", () => {
  const record = exampleRun();
  assert.deepEqual(viewIn(html(record)), JSON.parse(JSON.stringify(view(record))));
});

Deno.test("names that peers chose open no tag, end no script and turn no text", () => {
  const attack = `</script><img src=x onerror=alert(1)>"'\x1b[2J\u202e<!--<script>`;
  const faults = exampleFaults().map((fault) => ({ ...fault, who: attack, kind: attack }));
  const { result, series } = exampleRun({ names: [attack, "b"], faults });
  const page = html({
    result: {
      ...result,
      scenario: attack,
      digest: attack,
      replay: attack,
      claims: result.claims.map((claim) => ({
        ...claim,
        ...{ name: attack, target: attack, actual: attack },
      })),
    },
    series: {
      ...series,
      peers: series.peers.map((peer, at) => at === 3 ? attack : peer),
      options: { [attack]: attack },
    },
  });
  const before = html(exampleRun());
  const tags = (text: string) => ownPart(text).match(/<(img|script|\/script|!--)/g) ?? [];
  assert.deepEqual(tags(page), tags(before));
  assert.deepEqual(controlsIn(ownPart(page)), []);
  assert.ok(JSON.stringify(viewIn(page)).includes("onerror=alert"), "the name itself is shown");
});

Deno.test("every picture has a name for who cannot see it, a table and a CSV button", () => {
  const page = ownPart(html(exampleRun()));
  const figures = page.match(/<figure[\s\S]*?<\/figure>/g)!;
  assert.deepEqual(figures.map((figure) => /data-picture="(\w+)"/.exec(figure)![1]), [
    ...["completion", "copies", "goodput", "faults", "heat", "servers"],
  ]);
  for (const figure of figures) {
    assert.match(figure, /<canvas [^>]*role="img" aria-label="[^"]{20,}"/);
    assert.match(figure, /<button type="button" data-csv="\w+"/);
    assert.match(figure, /<details><summary>Show as a table<\/summary>[\s\S]*<td/);
  }
});

Deno.test("the header says the verdict, the seed, the digest and how to run it again", () => {
  const failed = html(exampleRun());
  assert.match(failed, /<span class="verdict fails">✕ 1 of 3 claims failed<\/span>/);
  assert.match(failed, /9f2c41d07ab3e58866d1c0a94be7230f/);
  assert.match(failed, /<code id="replay">deno task sim scenarios\/lab50.ts --seed 50<\/code>/);
  assert.ok(failed.indexOf("✕ FAIL") < failed.indexOf("✓ ok"), "what failed comes first");
  const { result, series } = exampleRun({ stuck: 0, faults: [] });
  assert.match(html({ result, series }), /<span class="verdict holds">✓ all 3 claims hold/);
  assert.match(
    html({ result: { ...result, ok: false }, series }),
    /verdict fails">✕ the run failed/,
  );
});

Deno.test("a run of messages only has a page without empty pictures", () => {
  const { result } = exampleRun();
  const { contents: _c, requests: _r, faults: _f, ...rest } = result;
  const series = { bucketSeconds: 1, peers: [], contents: [], faults: [], options: {} };
  const page = ownPart(html({ result: { ...rest, claims: [] }, series }));
  assert.doesNotMatch(page, /<canvas|<figure/);
  assert.match(page, /<h2>Messages<\/h2>/);
  assert.match(page, /This scenario claims nothing/);
});

Deno.test("Chart.js is the release that the page names, whole and under its licence", () => {
  assert.equal(chartJsVersion, "v4.6.1");
  assert.match(chartJs, /Chart\.js v4\.6\.1[\s\S]*MIT/);
  assert.doesNotMatch(chartJs, /sourceMappingURL/);
  const page = {} as { Chart?: unknown };
  new Function("globalThis", "self", chartJs).call(page, page, page);
  assert.equal(typeof page.Chart, "function");
});

Deno.test("the page's own program is one script in plain JavaScript", () => {
  assert.doesNotThrow(() => new Function(pageScript));
  assert.doesNotMatch(pageScript, /^\s*(import|export)\b/m);
  assert.doesNotMatch(pageScript, /innerHTML|insertAdjacentHTML|document\.write|\beval\b/);
});

Deno.test("each part of the page's program imports only parts that are joined into it", async () => {
  const folder = new URL("../../reports/page/", import.meta.url);
  const script = await Deno.readTextFile(new URL("script.ts", folder));
  const joined = [...script.matchAll(/from "(\.\.?\/\w+\.ts)" with/g)].map(([, path]) => path!);
  assert.ok(joined.length > 6);
  for (const path of joined) {
    const source = await Deno.readTextFile(new URL(path, folder));
    const needed = [...source.matchAll(/^import (?!type)[^;]*? from "([^"]+)"/gm)];
    for (const [, from] of needed) assert.ok(joined.includes(from!), `${path} needs ${from}`);
  }
});
