// The entry of the element for Node, where pages are rendered, or tested with elements of a library's own.

import "./node.ts";
import { define } from "../element/index.ts";

define();

export { HookswitchStatus } from "../element/index.ts";
