// Finds the passages of natural language in a file: comments, texts in quotes, Markdown, and the text of HTML.

/**
 * @typedef {object} Passage
 * @property {number} line the line that it begins in, from 1
 * @property {string} text in one line, without code
 * @property {"comment" | "doc" | "text" | "label"} kind a label is a heading or the cell of a table
 */

/**
 * The passages of a file.
 * @param {string} file
 * @param {string} content
 * @returns {Passage[]}
 */
export function passagesOf(file, content) {
  if (file.endsWith(".md")) return markdown(content);
  if (file.endsWith(".html")) return html(content);
  if (file.endsWith(".json")) return quoted(content);
  if (/\.(toml|yml)$/.test(file)) return comments(content, /^\s*#+ ?(.*)$/);
  if (file.endsWith(".css")) return comments(content, /^\s*(?:\/\*|\*) ?(.*?)(?:\*\/)?$/);
  const rust = file.endsWith(".rs");
  const pattern = rust ? /^\s*\/\/[/!]? ?(.*)$/ : /^\s*(?:\/\/|\/\*\*?|\*\/?) ?(.*?)(?:\*\/)?\s*$/;
  const code = content
    .split("\n")
    .map((line) => (pattern.test(line) ? "" : line))
    .join("\n");
  return [...comments(content, pattern), ...quoted(code)];
}

/**
 * The comments of a program: lines that follow each other are one passage.
 * @param {string} content
 * @param {RegExp} pattern a line of a comment, with its text
 * @returns {Passage[]}
 */
function comments(content, pattern) {
  /** @type {Passage[]} */
  const found = [];
  /** @type {Passage | undefined} */
  let open;
  let isCode = false;
  for (const [index, line] of content.split("\n").entries()) {
    const text = pattern.exec(line)?.[1]?.trim();
    if (text === undefined) {
      isCode = false;
      open = undefined;
    } else if (text.startsWith("```")) {
      isCode = !isCode;
      open = undefined;
    } else if (isCode || text === "" || text.startsWith("@") || text.startsWith("#")) {
      open = undefined;
    } else if (open === undefined || /^([-*] |\d+\. |\|)/.test(text)) {
      const kind = /^\s*\/\/[/!]/.test(line) ? "doc" : "comment";
      open = { line: index + 1, text: plain(text), kind };
      found.push(open);
    } else {
      open.text += ` ${plain(text)}`;
    }
  }
  return found;
}

/**
 * The texts in quotes that have at least three words.
 * @param {string} content
 * @returns {Passage[]}
 */
function quoted(content) {
  return content.split("\n").flatMap((line, index) => {
    const texts = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|`([^`]*)`/g)];
    return texts
      .map((match) => plain(match[1] ?? match[2] ?? ""))
      .filter((text) => /[a-z]+ [a-z]+ [a-z]+/i.test(text) && !/[{}<>=;]|\/\//.test(text))
      .map((text) => ({ line: index + 1, text, kind: /** @type {const} */ ("text") }));
  });
}

/**
 * The paragraphs, headings and cells of a Markdown page.
 * @param {string} content
 * @returns {Passage[]}
 */
function markdown(content) {
  /** @type {Passage[]} */
  const found = [];
  let isCode = false;
  for (const [index, line] of content.split("\n").entries()) {
    if (/^\s*```/.test(line)) isCode = !isCode;
    else if (!isCode && line.trim() !== "" && !/^[\s|:-]+$/.test(line)) {
      const kind = /^(#|\|)/.test(line) ? "label" : "comment";
      const text = plain(line.replace(/^(#+|[-*]|\d+\.) /, "").replace(/\]\([^)]*\)/g, "]"));
      found.push({ line: index + 1, text: text.replace(/^\*\*/, ""), kind });
    }
  }
  return found;
}

/**
 * The text of an HTML page between its tags.
 * @param {string} content
 * @returns {Passage[]}
 */
function html(content) {
  const blank = (/** @type {string} */ part) => part.replace(/[^\n]/g, " ");
  const text = content.replace(/<!--[\s\S]*?-->|<code>[\s\S]*?<\/code>|<[^>]+>/g, blank);
  return text.split("\n").flatMap((line, index) => {
    const words = line.trim();
    return words === ""
      ? []
      : [{ line: index + 1, text: words, kind: /** @type {const} */ ("text") }];
  });
}

/**
 * A text without its code spans and addresses.
 * @param {string} text
 */
const plain = (text) => text.replace(/`[^`]*`/g, "‹code›").replace(/<?https?:\S+/g, "‹link›");
