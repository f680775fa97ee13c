// The entry of the element for Cloudflare's Workers, where pages are rendered.

import "./workerd.ts";
import { define } from "../element/index.ts";

define();

export { HookswitchStatus } from "../element/index.ts";
