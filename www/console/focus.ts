// The focus is never lost: where what has it is taken out of the page, the heading above it gets it.

/** Minds the focus of all that is in this element; the function that it gives ends that. */
export function keepFocus(root: HTMLElement): () => void {
  let had: { element: Element; headings: HTMLElement[] } | undefined;
  const remember = ({ target }: FocusEvent): void => {
    if (target instanceof Element) had = { element: target, headings: headingsAbove(target) };
  };
  const observer = new MutationObserver(() => {
    const isLost = document.activeElement === document.body && had?.element.isConnected === false;
    if (!isLost || document.querySelector("dialog[open]") !== null) return;
    had?.headings.find((heading) => heading.isConnected)?.focus();
  });
  root.addEventListener("focusin", remember);
  observer.observe(root, { childList: true, subtree: true });
  return () => {
    root.removeEventListener("focusin", remember);
    observer.disconnect();
  };
}

/** The heading of the part of the page that an element is in, and that of the page. */
function headingsAbove(element: Element): HTMLElement[] {
  const part = element.closest("section")?.querySelector("h2");
  const page = document.querySelector<HTMLElement>("#main h1");
  return [part, page].filter((heading): heading is HTMLElement => heading instanceof HTMLElement);
}
