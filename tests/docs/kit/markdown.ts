// Reads the project's Markdown: pages, code blocks, headings and links.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../support/config.ts";

/** A Markdown page. */
export interface Page {
  /** The path from the root of the repository. */
  file: string;
  text: string;
}

/** A fenced code block. */
export interface Block {
  /** The first word after the fence, such as `bash`. */
  language: string;
  text: string;
  /** The line of the opening fence, from 1. */
  line: number;
  /** Whether only blank lines are between this block and its predecessor. */
  followsBlock: boolean;
}

/** Every Markdown page that git knows or would add. */
export function pages(): Page[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"];
  const files = execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\0");
  return [...new Set(files)].filter((file) => file !== "").map(readPage);
}

/** Reads one page. */
export function readPage(file: string): Page {
  return { file, text: readFileSync(path.join(root, file), "utf8") };
}

/** The fenced code blocks of a page, in their order. */
export function blocks(page: Page): Block[] {
  const found: Block[] = [];
  let open: Block | undefined;
  let isAfterBlock = false;
  for (const [index, line] of page.text.split("\n").entries()) {
    const fence = /^\s*```(\w*)/.exec(line);
    if (open !== undefined) {
      if (fence === null) {
        open.text += `${line}\n`;
        continue;
      }
      found.push(open);
      open = undefined;
      isAfterBlock = true;
    } else if (fence !== null) {
      const language = fence[1] ?? "";
      open = { language, text: "", line: index + 1, followsBlock: isAfterBlock };
    } else if (line.trim() !== "") {
      isAfterBlock = false;
    }
  }
  return found;
}

/** A page without its code blocks and code spans. */
export function prose(page: Page): string {
  const withoutBlocks = page.text.replace(/^\s*```[\s\S]*?^\s*```$/gm, "");
  return withoutBlocks.replace(/`[^`\n]*`/g, "");
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors(page: Page): Set<string> {
  const withoutBlocks = page.text.replace(/^\s*```[\s\S]*?^\s*```$/gm, "");
  const seen = new Map<string, number>();
  const found = new Set<string>();
  for (const [, title = ""] of withoutBlocks.matchAll(/^#{1,6} (.+)$/gm)) {
    const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    found.add(times === 0 ? slug : `${slug}-${times}`);
  }
  return found;
}

/** The targets of a page's links and pictures. */
export function links(page: Page): string[] {
  const text = prose(page);
  const inline = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  const html = [...text.matchAll(/(?:src|srcset|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
  return [...inline, ...html];
}
