import { defineConfig } from 'vite';

export default defineConfig({
  // The server mounts the build here: see src/graphiql.rs.
  base: '/graphiql/',
  build: {
    // An inlined script would be a data: address, which the content security policy refuses.
    assetsInlineLimit: 0,
    // Monaco, the editor inside GraphiQL, comes in one large piece.
    chunkSizeWarningLimit: 6000,
    rolldownOptions: {
      // "use client" in React packages means nothing in a page without a React server.
      onLog(level, log, report) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
    },
  },
  worker: { format: 'es' },
});
