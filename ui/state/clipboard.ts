/** Copies a text and says so at the foot of the page. */
import { toast } from './toasts.js';

export async function copyText(text: string, said: string): Promise<void> {
  try {
    // Browsers offer no clipboard to pages that came over plain HTTP from another machine.
    await navigator.clipboard.writeText(text);
    toast(said);
  } catch {
    toast('The browser allows no copying here. It is only offered to pages over HTTPS or on this machine.', {
      tone: 'bad',
    });
  }
}
