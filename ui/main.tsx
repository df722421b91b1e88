/** Starts the UI in the page. */
import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { App } from './App.js';
import { rewriteOldLink } from './links.js';
import { queryClient } from './queries/connection.js';
import { applyDensity } from './state/browser/density.js';
import { applyTheme } from './state/browser/theme.js';
import { listenForReturns } from './state/place.js';
import { listenForShortcuts } from './state/shortcuts.js';
import './style/index.css';

applyTheme();
applyDensity();
listenForReturns();
listenForShortcuts();
rewriteOldLink();
window.addEventListener('hashchange', rewriteOldLink);

createRoot(document.getElementById('root') as HTMLElement).render(
  <QueryClientProvider client={queryClient}>
    <App />
  </QueryClientProvider>,
);
