// A resource server: a Worker whose resource needs an access token of Hookswitch.
//
// The service binding TOKENS leads to the entrypoint `Tokens` of Hookswitch. Each request is checked by one call, so a
// revoked token is refused by the next request.

/** The scope that a request needs. */
const SCOPE = "read";

export default {
  async fetch(request, env) {
    const resource = new URL(env.RESOURCE);
    const metadata = metadataUrl(resource);
    const { pathname } = new URL(request.url);
    if (pathname === metadata.pathname) return Response.json(description(env));
    if (pathname !== resource.pathname) return new Response("Not found", { status: 404 });

    const token = bearerToken(request);
    if (token === undefined) return challenge(401, metadata);
    let validation;
    try {
      validation = await env.TOKENS.validateToken(env.RESOURCE, token);
    } catch {
      // No verdict: the token may be valid, and must not pass.
      return new Response("Try again", { status: 503, headers: { "retry-after": "1" } });
    }
    if (validation === null) return challenge(401, metadata, "invalid_token");
    if (!validation.scope.includes(SCOPE)) return challenge(403, metadata, "insufficient_scope");
    return Response.json({ user: validation.userId, notes: ["Water the plants."] });
  },
};

/** The address of the metadata of a resource (RFC 9728 §3.1). */
function metadataUrl({ origin, pathname }) {
  return new URL(
    `/.well-known/oauth-protected-resource${pathname === "/" ? "" : pathname}`,
    origin,
  );
}

/** The metadata of the resource (RFC 9728 §2). Clients read there which authorization server to ask. */
function description(env) {
  return {
    resource: env.RESOURCE,
    authorization_servers: [env.AUTHORIZATION_SERVER],
    scopes_supported: [SCOPE],
    bearer_methods_supported: ["header"],
  };
}

/** The token of the header `Authorization` (RFC 6750 §2.1). */
function bearerToken(request) {
  return /^Bearer +([^\s,]+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
}

/** The answer to a request without a token that is good enough (RFC 6750 §3, RFC 9728 §5.1). */
function challenge(status, metadata, error) {
  const parts = [`resource_metadata="${metadata.href}"`, `scope="${SCOPE}"`];
  if (error !== undefined) parts.unshift(`error="${error}"`);
  return new Response(null, {
    status,
    headers: { "www-authenticate": `Bearer ${parts.join(", ")}`, "cache-control": "no-store" },
  });
}
