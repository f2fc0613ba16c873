// The token this page may use, as the server hands it out, and the request headers made of it.

const NO_TOKEN_HINT = `// Put your token here, as in
// { "Authorization": "Bearer <token>" }
// then press "Re-fetch GraphQL schema".
{}`;

/** The session's token, or null when the server gives none or cannot be reached. */
export async function loadToken() {
  try {
    const response = await fetch(`${import.meta.env.BASE_URL}session.json`);
    if (!response.ok) return null;
    const { token } = await response.json();
    return token ?? null;
  } catch {
    return null;
  }
}

/** The request header that carries the token. */
export function authorization(token) {
  return { Authorization: `Bearer ${token}` };
}

/** What the headers editor shows at first: the token, or a hint where to put one. */
export function requestHeaders(token) {
  if (!token) return NO_TOKEN_HINT;
  return JSON.stringify(authorization(token), null, 2);
}
