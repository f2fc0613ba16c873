// GraphiQL for kpigraph: example tabs per audience, the schema's documentation open, and the session's token in the headers.
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';

import { DOC_EXPLORER_PLUGIN } from '@graphiql/plugin-doc-explorer';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { exampleTabs } from './examples';
import { authorization, loadToken, requestHeaders } from './session';

const token = await loadToken();
const headers = requestHeaders(token);
// Subscriptions go over a WebSocket of the same host, with what stands in the headers editor as its first message.
const socket = new URL('/graphql', window.location.href);
socket.protocol = socket.protocol === 'https:' ? 'wss:' : 'ws:';
const send = createGraphiQLFetcher({ url: '/graphql', subscriptionUrl: socket.href });

/** GraphiQL asks for the schema before its headers editor exists, so that request gets the token here. */
function fetcher(operation, options) {
  const unauthorised = token && operation.operationName === 'IntrospectionQuery' && !options?.headers;
  return send(operation, unauthorised ? { ...options, headers: authorization(token) } : options);
}

createRoot(document.getElementById('root')).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={exampleTabs}
    initialHeaders={headers}
    defaultHeaders={headers}
    // A token does not belong in localStorage, where the history plugin would keep it with each query.
    shouldPersistHeaders={false}
    plugins={[]}
    defaultEditorToolsVisibility={token ? 'variables' : 'headers'}
    visiblePlugin={DOC_EXPLORER_PLUGIN}
    schemaDescription
    inputValueDeprecation
  />,
);
