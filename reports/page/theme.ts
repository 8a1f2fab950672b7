/// <reference lib="dom" />
/** Colours of the page, as page.css holds them for light, dark and paper. */

/** The colours that a picture is drawn in, as CSS writes them. */
export interface Theme {
  readonly text: string;
  readonly quiet: string;
  readonly grid: string;
  readonly surface: string;
  readonly bad: string;
  readonly band: string;
  /** Okabe and Ito's colours, which the colour-blind tell apart; after them the lines are dashed. */
  readonly series: readonly string[];
  /** 101 colours, by whole percent; lightness alone carries the value. */
  readonly heat: readonly string[];
}

/** The colours in force now. */
export function currentTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: colour("text"),
    quiet: colour("quiet"),
    grid: colour("grid"),
    surface: colour("surface"),
    bad: colour("bad"),
    band: colour("band"),
    series: [1, 2, 3, 4, 5, 6, 7, 8].map((at) => colour(`series-${at}`)),
    heat: ramp([0, 1, 2, 3, 4].map((at) => colour(`heat-${at}`))),
  };
}

/** Follows the system, a click of the button, and paper; `redraw` is called after each change. */
export function followTheme(button: HTMLButtonElement, redraw: () => void): void {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = (name: "light" | "dark") => {
    root.dataset.theme = name;
    button.textContent = name === "dark" ? "Light colours" : "Dark colours";
    redraw();
  };
  const system = () => dark.matches ? "dark" : "light";
  const now = () => root.dataset.theme === "dark" ? "dark" : "light";
  let beforePrint: "light" | "dark" = system();
  dark.addEventListener("change", () => show(system()));
  button.addEventListener("click", () => show(now() === "dark" ? "light" : "dark"));
  addEventListener("beforeprint", () => {
    beforePrint = now();
    show("light");
  });
  addEventListener("afterprint", () => show(beforePrint));
  show(system());
}

/** 101 colours between anchors written as `#rrggbb`, in straight lines. */
function ramp(anchors: readonly string[]): string[] {
  const parts = anchors.map((anchor) =>
    [1, 3, 5].map((at) => Number.parseInt(anchor.slice(at, at + 2), 16))
  );
  return Array.from({ length: 101 }, (_, percent) => {
    const place = percent / 100 * (parts.length - 1);
    const low = Math.min(parts.length - 2, Math.floor(place));
    const mixed = [0, 1, 2].map((channel) => {
      const from = parts[low]?.[channel] ?? 0;
      const to = parts[low + 1]?.[channel] ?? 0;
      return Math.round(from + (to - from) * (place - low));
    });
    return `rgb(${mixed.join(",")})`;
  });
}
