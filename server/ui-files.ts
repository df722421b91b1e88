/** The built UI: hashed assets that a browser may keep for ever, and index.html for every address that a person may open. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Request, type Response, Router } from 'express';
import type { FrameOptions } from './security.js';

/** Nothing from elsewhere, no inline script; styles may be inline because charts size themselves. */
const POLICY =
  "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'";
const ANCESTORS = { SAMEORIGIN: "; frame-ancestors 'self'", DENY: "; frame-ancestors 'none'", NONE: '' };

/** What the page is told of a server on which nobody signs in: it need not ask who does. */
const WITHOUT_USERS = '<html data-users="none" ';

export function uiFiles(frameOptions: FrameOptions, hasUsers: boolean): Router {
  const policy = POLICY + ANCESTORS[frameOptions];
  const folder = fileURLToPath(new URL('./ui', import.meta.url));
  const index = join(folder, 'index.html');
  const router = Router();
  router.use('/assets', compressed(join(folder, 'assets')));
  router.use('/assets', express.static(join(folder, 'assets'), { immutable: true, maxAge: '1y', index: false }));
  router.use(express.static(folder, { index: false, maxAge: 0 }));
  router.get('/{*any}', async (req, res, next) => {
    if (!req.accepts('html') || req.path.startsWith('/assets/')) return next();
    if (!existsSync(index)) {
      res.status(200).type('text/plain').send('mltrack is running; its UI has not been built (npm run build).\n');
      return;
    }
    const page = await readFile(index, 'utf8');
    res.setHeader('content-security-policy', policy);
    res.setHeader('cache-control', 'no-cache');
    res.type('html').send(hasUsers ? page : page.replace('<html ', WITHOUT_USERS));
  });
  return router;
}

/** Sends the `.gz` that the build put beside an asset to clients that take it. */
function compressed(folder: string) {
  const TYPES: Record<string, string> = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };
  return (req: Request, res: Response, next: () => void) => {
    const name = /^\/([\w.-]+\.(js|css|svg))$/.exec(req.path);
    const type = TYPES[name?.[2] ?? ''];
    if (!name || !type || !req.acceptsEncodings('gzip')) return next();
    const file = `${name[1]}.gz`;
    if (!existsSync(join(folder, file))) return next();
    res.setHeader('content-encoding', 'gzip');
    res.setHeader('vary', 'accept-encoding');
    res.setHeader('content-type', `${type}; charset=utf-8`);
    // Below a root: a folder on the way to it may begin with a dot, as where nvm installs packages.
    res.sendFile(file, { root: folder, immutable: true, maxAge: '1y' });
  };
}
