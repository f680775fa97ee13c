// Waiting for a job, with its progress.

import type { Context } from "./command.ts";
import { EXIT } from "./exit.ts";

/** The members of a job that the progress needs. */
export interface Job {
  id: string;
  status: string;
  users?: number;
  visited?: number;
  affected?: number;
  revoked?: Record<string, number>;
}

/** How often a job is read, in milliseconds. */
const INTERVAL = 1_000;

const FIELDS = [
  "id",
  "kind",
  "status",
  "app_id",
  "user_id",
  "dry_run",
  "effective_at",
  "users",
  "visited",
  "affected",
];

/** Waits until a job has ended, and prints it. */
export async function runJob({ hookswitch, output }: Context, begun: Job): Promise<number> {
  let job = begun;
  const path = `/v1/jobs/${encodeURIComponent(job.id)}`;
  const show = (): void => {
    const { visited = 0, users = 0 } = job;
    output.progress(visited, users, `${visited} of ${users} users`);
  };
  try {
    while (job.status === "running") {
      show();
      await new Promise((resolve) => setTimeout(resolve, INTERVAL));
      job = await hookswitch.request<Job>("GET", path);
    }
    show();
  } finally {
    output.endProgress();
  }
  if (output.isJson) output.line("", job);
  else output.fields({ ...job.revoked, ...job }, [...FIELDS, ...Object.keys(job.revoked ?? {})]);
  return job.status === "done" ? EXIT.ok : EXIT.refused;
}
