// The page `/reference`: Swagger UI over `/openapi.json`.

interface SwaggerOptions {
  url: string;
  domNode: Element | null;
  deepLinking: boolean;
  filter: boolean;
  docExpansion: "list" | "none";
  defaultModelsExpandDepth: number;
  validatorUrl: null;
  onComplete: () => void;
}

declare const SwaggerUIBundle: (options: SwaggerOptions) => unknown;

/** The class by which the style sheet of Swagger UI becomes dark. */
const DARK = "dark-mode";

const isDark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle(DARK, isDark.matches);
isDark.addEventListener("change", follow);
follow();

const domNode = document.querySelector("#reference");
SwaggerUIBundle({
  url: "/openapi.json",
  domNode,
  // An operation has an address, such as `/reference#/Tokens/checkToken`.
  deepLinking: true,
  filter: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  // The validator is a service of another host.
  validatorUrl: null,
  onComplete: () => domNode?.setAttribute("data-ready", ""),
});
