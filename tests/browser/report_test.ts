/** The report's page in a real browser: it draws everything, asks for nothing and complains of nothing. */
/// <reference lib="dom" />
import assert from "node:assert/strict";
import { html } from "../../reports/html.ts";
import type { RunRecord } from "../../sim/record.ts";
import { type Need, testNeeding } from "../needs.ts";
import { exampleFaults, exampleRun } from "../reports/example_run.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function findBrowser(): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return NAMES.flatMap((name) => folders.map((folder) => `${folder}/${name}`)).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

const browser = findBrowser();
const need: Need = {
  what: "Chromium",
  missing: browser === undefined ? `none of ${NAMES.join(", ")} is in PATH` : undefined,
};

interface Seen {
  readonly errors: readonly string[];
  readonly requests: number;
  readonly theme: string;
  readonly themeAfterClick: string;
  readonly pictures: readonly {
    readonly name: string;
    /** Parts of its pixels that are painted, in a thousand: before and after the theme changed. */
    readonly painted: number;
    readonly repainted: number;
  }[];
  readonly files: readonly { readonly name: string; readonly lines: number }[];
  readonly widerThanWindow: boolean;
}

/** Runs within the page, before everything else of it. Writes what it saw into the page's end. */
function watch(): void {
  const errors: string[] = [];
  const files: { name: string; text: Promise<string> }[] = [];
  addEventListener("error", ({ message }) => errors.push(message));
  addEventListener("unhandledrejection", ({ reason }) => errors.push(String(reason)));
  document.addEventListener("securitypolicyviolation", (event) => {
    errors.push(`policy: ${event.violatedDirective} ${event.blockedURI}`);
  });
  console.error = (...words: unknown[]) => errors.push(words.join(" "));
  HTMLAnchorElement.prototype.click = function () {
    files.push({ name: this.download, text: made.get(this.href)! });
  };
  const made = new Map<string, Promise<string>>();
  const create = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    const url = create(blob);
    made.set(url, (blob as Blob).text());
    return url;
  };
  const paint = (canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    const pixels = new Uint32Array(data.buffer);
    return Math.round(pixels.filter((pixel) => pixel !== 0).length * 1000 / pixels.length);
  };
  addEventListener("load", async () => {
    const canvases = [...document.querySelectorAll("canvas")];
    const theme = document.documentElement.dataset.theme;
    const before = canvases.map(paint);
    document.getElementById("theme")!.click();
    for (const button of document.querySelectorAll<HTMLElement>("[data-csv]")) button.click();
    const seen = {
      errors,
      theme,
      themeAfterClick: document.documentElement.dataset.theme,
      requests: performance.getEntriesByType("resource").length,
      pictures: canvases.map((canvas, at) => ({
        name: canvas.dataset.picture,
        painted: before[at],
        repainted: paint(canvas),
      })),
      files: await Promise.all(files.map(async ({ name, text }) => ({
        name,
        lines: (await text).trim().split("\r\n").length,
      }))),
      widerThanWindow: document.documentElement.scrollWidth > innerWidth,
    };
    const place = document.createElement("pre");
    place.id = "seen";
    place.textContent = JSON.stringify(seen);
    document.body.append(place);
  });
}

/** What a browser sees of a run's page, opened from the disk. */
async function look(record: RunRecord, flags: readonly string[] = []): Promise<Seen> {
  const folder = await Deno.makeTempDir();
  const page = html(record).replace("<title>", `<script>(${watch})();</script><title>`);
  await Deno.writeTextFile(`${folder}/index.html`, page);
  const { stdout, stderr } = await new Deno.Command(browser!, {
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      ...[`--user-data-dir=${folder}/profile`, "--window-size=1280,900", "--timeout=20000"],
      ...["--virtual-time-budget=5000", ...flags, "--dump-dom", `file://${folder}/index.html`],
    ],
    stdin: "null",
  }).output();
  await Deno.remove(folder, { recursive: true });
  const seen = /<pre id="seen">(.*)<\/pre>/.exec(new TextDecoder().decode(stdout));
  assert.ok(
    seen !== null,
    `the page never loaded: ${new TextDecoder().decode(stderr).slice(-500)}`,
  );
  const entities: Record<string, string> = { lt: "<", gt: ">", amp: "&", nbsp: "\u00a0" };
  return JSON.parse(seen[1]!.replace(/&(\w+);/g, (_, name) => entities[name] ?? ""));
}

/** Parts in a thousand that axes and letters alone do not reach. */
const leastPainted = [30, 30, 60, 300, 600, 300];
const pictures = ["completion", "copies", "goodput", "faults", "heat", "servers"];

testNeeding(
  need,
  "the report draws every picture from a disk, with no error and no request",
  async () => {
    const seen = await look(exampleRun());
    assert.deepEqual(seen.errors, []);
    assert.equal(seen.requests, 0);
    assert.deepEqual(seen.pictures.map(({ name }) => name), pictures);
    seen.pictures.forEach(({ name, painted, repainted }, at) => {
      const least = leastPainted[at]!;
      assert.ok(
        painted > least && repainted > least,
        `${name}: ${painted}, ${repainted} of ${least}`,
      );
    });
    assert.equal(seen.widerThanWindow, false);
  },
);

testNeeding(need, "the report is dark where the system is, and light after a click", async () => {
  const dark = await look(exampleRun(), ["--blink-settings=preferredColorScheme=0"]);
  assert.deepEqual([dark.theme, dark.themeAfterClick], ["dark", "light"]);
  const light = await look(exampleRun(), ["--blink-settings=preferredColorScheme=1"]);
  assert.deepEqual([light.theme, light.themeAfterClick], ["light", "dark"]);
});

testNeeding(need, "each picture of the report hands out its numbers as a file", async () => {
  const { files } = await look(exampleRun());
  assert.deepEqual(
    files.map(({ name }) => name),
    pictures.map((name) => `lab50-seed50-${name}.csv`),
  );
  assert.deepEqual(files.map(({ lines }) => lines), [99, 723, 361, 10, 51, 6]);
});

testNeeding(
  need,
  "five hundred peers, ten files, hostile names and a phone are drawn as well",
  async () => {
    const attack = `</script><img src=x onerror="document.title='owned'">`;
    const names = Array.from({ length: 10 }, (_, at) => `${attack} ${at}`);
    const faults = exampleFaults().map((fault) => ({ ...fault, who: attack }));
    const record = exampleRun({ peers: 500, names, buckets: 900, faults });
    const seen = await look(record, ["--window-size=500,900"]);
    assert.deepEqual(seen.errors, []);
    assert.equal(seen.requests, 0);
    assert.ok(seen.pictures.every(({ painted }) => painted > 100));
    console.log(seen.pictures);
    assert.equal(seen.widerThanWindow, false);
  },
);
