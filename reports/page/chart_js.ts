/**
 * Chart.js as text, to be written into a page that needs no network.
 *
 * The package's own minified build is what a page needs, and the package does not export it, so it is
 * reached from the entry that is exported. Loading it as a module's text needs no permission (it is in
 * the npm cache, where any read would need `--allow-read`), and deno.lock holds its hash: nothing that
 * is generated is committed, and a task without network, run or cache access can still write a report.
 */

// Puts the package into the module graph: it is fetched and checked before the program begins.
import entry from "chart.js" with { type: "text" };

export type { Chart, ChartConfiguration, Plugin } from "chart.js";

const minified = new URL("./chart.umd.min.js", import.meta.resolve("chart.js"));
const loaded: { default: string } = await import(minified.href, { with: { type: "text" } });

/** The program: a classic script that defines `Chart`. */
export const chartJs: string = loaded.default.replace(/\n\/\/# sourceMappingURL=.*/, "");

/** The release, as the package itself tells it. */
export const chartJsVersion: string = /Chart\.js (v[\d.]+)/.exec(entry)?.[1] ?? "";
