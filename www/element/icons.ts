// Shapes that tell statuses apart without their colour. Each is one path on a field of 24 by 24.

import type { Freshness, Tone } from "./picture.ts";

const CIRCLE = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0";

export const TONES: Record<Tone, string> = {
  /** A tick. */
  good: `${CIRCLE}M8 12.4l2.7 2.7 5.3-5.6`,
  /** A clock. */
  waiting: `${CIRCLE}M12 7v5l3.2 2`,
  /** Two bars. */
  paused: `${CIRCLE}M10 9v6M14 9v6`,
  /** A crossed octagon. */
  ended: "M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3zM9.2 9.2l5.6 5.6M14.8 9.2l-5.6 5.6",
  /** A triangle with an exclamation mark. */
  unknown: "M12 3.6L21.6 20H2.4zM12 10v4M12 17v.01",
};

export const FRESHNESS: Record<Freshness, string> = {
  /** Waves around a point. */
  live: "M12 12v.01M8.5 15.5a5 5 0 0 1 0-7M15.5 8.5a5 5 0 0 1 0 7M5.6 18.4a9 9 0 0 1 0-12.8M18.4 5.6a9 9 0 0 1 0 12.8",
  /** An arrow that goes round. */
  polling: "M20 12a8 8 0 1 1-2.4-5.7M20.5 3v4h-4",
  /** Three points. */
  connecting: "M5 12v.01M12 12v.01M19 12v.01",
  /** A struck cloud. */
  offline: "M3 3l18 18M6.6 9a4.6 4.6 0 0 0 .4 9h9M9.6 5.7A6 6 0 0 1 17.8 10a4 4 0 0 1 2.7 6.6",
  /** A square, as on a stop button. */
  over: "M7 7h10v10H7z",
};

const SVG = "http://www.w3.org/2000/svg";

/** A drawing that nobody is told of: words beside it say the same. */
export function drawing(): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  return svg;
}

export function draw(svg: SVGSVGElement, path: string): void {
  const { firstElementChild: shape } = svg;
  if (shape?.getAttribute("d") !== path) shape?.setAttribute("d", path);
}
