// The HTML of the demo pages, in the look of the consent page.

/**
 * A page.
 * @param {string} title
 * @param {string} content HTML
 */
export const page = (title, content) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escaped(title)}</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/style.css" />
    <link rel="stylesheet" href="/connect.css" />
    <link rel="stylesheet" href="/sign-in.css" />
  </head>
  <body class="link">
    <main>
      <h1>${escaped(title)}</h1>
      ${content}
    </main>
  </body>
</html>
`;

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/**
 * A text as HTML.
 * @param {string} text
 */
export const escaped = (text) => text.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark);
