// The element in the DOMs of test runners. They have no layout, and lack some of what browsers have: the element does not
// throw there, and shows its words.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import { connection } from "../pages/kit/statuses.ts";
import { Consumer, inProject, projectBin } from "./kit/installed.ts";

const server = createServer((request, response) => {
  const cors = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "*, authorization",
  };
  response.writeHead(request.method === "OPTIONS" ? 204 : 200, {
    "content-type": "application/json",
    ...cors,
  });
  response.end(request.method === "OPTIONS" ? "" : JSON.stringify(connection("active")));
});
server.on("upgrade", (_, socket) => {
  // The client may be gone before the answer.
  socket.on("error", () => {});
  socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n");
});

let consumer: Consumer;
before(async () => {
  consumer = await Consumer.create();
  consumer.copy(inProject("tests", "package", "kit", "dom.js"), "dom.js");
  consumer.link("jsdom", "happy-dom");
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
after(() => {
  server.close();
  consumer?.remove();
});

for (const kind of ["jsdom", "happy-dom"]) {
  test(`the_element_shows_a_status_and_asks_in_${kind}`, async () => {
    const { port } = server.address() as AddressInfo;
    const args = ["dom.js", kind, `http://127.0.0.1:${port}`];
    const written = await consumer.run(projectBin("node"), args);
    assert.equal(written.trim(), JSON.stringify({ unhandled: [] }));
  });
}
