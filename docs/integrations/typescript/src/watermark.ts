// Up to when the changes of one of the CRM's lists are known, by the CRM's clock, kept in a file.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setting } from "./http.js";

// Rows may appear in a CRM's lists after rows that were changed later: look back a little.
const OVERLAP = 5 * 60 * 1000;

export class Watermark {
  since: Date | undefined;
  private file: string;
  private latest = "";

  constructor(name: string) {
    this.file = `${setting("SYNC_STATE", ".")}/${name}.since`;
    if (existsSync(this.file)) {
      this.latest = readFileSync(this.file, "utf8").trim();
      this.since = new Date(Date.parse(this.latest) - OVERLAP);
    }
  }

  saw(changedAt: string) {
    const text = new Date(changedAt).toISOString();
    if (text > this.latest) this.latest = text;
  }

  keep() {
    if (!this.latest) return;
    writeFileSync(`${this.file}.new`, `${this.latest}\n`);
    renameSync(`${this.file}.new`, this.file);
  }
}
