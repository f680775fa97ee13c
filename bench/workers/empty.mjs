// A Worker that does nothing: what the runtime and the load generator cost by themselves.

export default {
  /** @returns {Response} */
  fetch: () => new Response("{}", { headers: { "content-type": "application/json" } }),
};
