import { dirname } from 'node:path';
import express, { type Router } from 'express';
import helmet from 'helmet';

/** Our own, because the one in the package shows a pet store; and a file, because the policy refuses inline scripts. */
const INITIALIZER = `window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: '../openapi.json',
    dom_id: '#swagger-ui',
    deepLinking: true,
    validatorUrl: null,
  });
};
`;

/**
 * The API description for people, from this server alone.
 *
 * @param basePath  where users find this server; begins and ends with a slash
 */
export const docsPages = (basePath: string): Router => {
  const router = express.Router({ strict: true });
  // over plain HTTP an upgrade of requests, or a promise of HTTPS, leaves a page without its files
  router.use(
    helmet({
      contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
      strictTransportSecurity: false,
    }),
  );
  router.get('/docs', (_request, response) => response.redirect(308, `${basePath}docs/`));
  router.get('/docs/swagger-initializer.js', (_request, response) => {
    response.type('text/javascript').send(INITIALIZER);
  });
  const files = dirname(require.resolve('swagger-ui-dist/package.json'));
  router.use('/docs/', express.static(files, { index: 'index.html', redirect: false }));
  return router;
};
