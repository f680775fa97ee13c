// The types of `<hookswitch-status>` in React's JSX. This entry has types alone: `import type {} from "hookswitch/react"`.

import type { DetailedHTMLProps, HTMLAttributes } from "react";

import type { HookswitchStatus, HookswitchStatusEventMap } from "../element/index.ts";

/** React 19 listens to an event of an element by a property named `on` and its type. */
type Listeners = {
  [Name in keyof HookswitchStatusEventMap as `on${Name}`]?:
    ((event: HookswitchStatusEventMap[Name]) => void) | undefined;
};

/** The attributes, properties and events of `<hookswitch-status>` in JSX. React 19 or newer sets them all. */
export interface HookswitchStatusAttributes extends HTMLAttributes<HookswitchStatus>, Listeners {
  ticket?: string | null | undefined;
  server?: string | URL | null | undefined;
  label?: string | null | undefined;
  disconnectable?: boolean | undefined;
  compact?: boolean | undefined;
  renew?: (() => Promise<string | undefined>) | null | undefined;
}

/** The same with `key` and `ref`. */
export type HookswitchStatusProps = DetailedHTMLProps<HookswitchStatusAttributes, HookswitchStatus>;

declare module "react" {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- React declares the elements of JSX in this namespace
  namespace JSX {
    interface IntrinsicElements {
      "hookswitch-status": HookswitchStatusProps;
    }
  }
}
