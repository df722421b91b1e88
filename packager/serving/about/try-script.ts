/** What the try-it page does in the browser. The page carries this function's text, so it must refer to nothing outside itself. */
import type { curlLine } from './curl-line.js';

export function tryIt(curl: typeof curlLine): void {
  /** Of a reply, characters that are shown. */
  const SHOWN = 200_000;
  const at = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
  const form = at<HTMLFormElement>('request');
  const forms = at<HTMLSelectElement>('form');
  const body = at<HTMLTextAreaElement>('body');
  const send = at<HTMLButtonElement>('send');
  const status = at('status');
  const reply = at('reply');
  const line = at('curl');
  const copied = at('copied');
  const base = new URL('.', document.baseURI).href.replace(/\/$/, '');
  /** What was written in each form. */
  const drafts = new Map<string, string>();
  let waiting = false;

  const option = () => forms.selectedOptions[0] as HTMLOptionElement;
  const contentType = () => option().dataset.type ?? '';
  const exampleBody = (each: HTMLOptionElement) => each.dataset.body ?? '';
  // A textarea ends lines in LF, whatever it was given.
  const isExample = () => body.value === exampleBody(forms.options[0] as HTMLOptionElement).replaceAll('\r\n', '\n');

  function showCurl(): void {
    const request = { contentType: contentType(), body: body.value };
    line.textContent = curl(base, request, { longest: 2000, isExample: isExample() });
    copied.textContent = '';
  }

  function showBody(): void {
    body.value = drafts.get(option().value) ?? exampleBody(option());
    showCurl();
  }

  function showReply(state: string, text: string, failed: boolean): void {
    status.textContent = state;
    status.classList.toggle('failed', failed);
    const more = text.length - SHOWN;
    reply.textContent = more > 0 ? `${text.slice(0, SHOWN)}… and ${more} more characters` : text;
    reply.hidden = text === '';
  }

  async function ask(): Promise<void> {
    if (waiting) return;
    waiting = true;
    send.setAttribute('aria-disabled', 'true');
    showReply('Waiting for the answer…', '', false);
    const start = performance.now();
    try {
      const headers = { 'content-type': contentType() };
      const answer = await fetch(`${base}/invocations`, { method: 'POST', headers, body: body.value });
      const text = await answer.text();
      const time = performance.now() - start;
      const took = time < 10 ? time.toFixed(1) : time.toFixed(0);
      showReply(`${answer.status} ${answer.statusText} in ${took} ms`, text, !answer.ok);
    } catch (error) {
      showReply(`No answer: ${(error as Error).message}`, '', true);
    }
    waiting = false;
    send.removeAttribute('aria-disabled');
  }

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(line.textContent ?? '');
      copied.textContent = 'Copied';
    } catch {
      // Pages that did not come over TLS may not write to the clipboard.
      getSelection()?.selectAllChildren(line);
      copied.textContent = 'Selected: copy it with the keyboard';
    }
  }

  forms.addEventListener('change', showBody);
  body.addEventListener('input', () => {
    drafts.set(option().value, body.value);
    showCurl();
  });
  body.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) ask();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    ask();
  });
  at('copy').addEventListener('click', copy);
  showBody();
}
