/** Markdown to a piece of a page, sanitised. To be imported lazily: the parser and the sanitiser are large. */
import DOMPurify from 'dompurify';
import { marked } from 'marked';

const TAGS =
  'a b blockquote br code del details dd div dl dt em h1 h2 h3 h4 h5 h6 hr i img input kbd li ol p pre s samp span strong sub summary sup table tbody td th thead tr u ul var'.split(
    ' ',
  );
const ATTRIBUTES = ['href', 'src', 'alt', 'title', 'align', 'start', 'open', 'type', 'checked', 'disabled'];

const purifier = DOMPurify(window);
purifier.addHook('afterSanitizeAttributes', (element) => {
  if (element instanceof HTMLAnchorElement) {
    element.target = '_blank';
    element.rel = 'noopener noreferrer';
  } else if (element instanceof HTMLImageElement && !/^data:image\//.test(element.getAttribute('src') ?? '')) {
    // What is elsewhere is not fetched: that would tell others who reads.
    element.replaceWith(element.alt || element.getAttribute('src') || '');
  } else if (element instanceof HTMLInputElement) {
    // Only the boxes of task lists.
    if (element.type !== 'checkbox') element.remove();
    else element.disabled = true;
    element.setAttribute('aria-label', 'done');
  } else if (/^H[1-6]$/.test(element.nodeName)) {
    element.setAttribute('role', 'heading');
    // Below the headings of the page.
    element.setAttribute('aria-level', String(Math.min(6, Number(element.nodeName[1]) + 2)));
  }
});

export function markdownFragment(text: string): DocumentFragment {
  const html = marked.parse(text, { async: false, gfm: true, breaks: true });
  return purifier.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
