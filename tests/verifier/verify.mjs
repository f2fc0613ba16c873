// Verifies webhooks by the reference library: one JSON object a line with secret, body and headers; one line each with
// "verified" or why not.
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

for await (const line of createInterface({ input: process.stdin })) {
    const { secret, body, headers } = JSON.parse(line);
    try {
        new Webhook(secret).verify(body, headers);
        console.log("verified");
    } catch (error) {
        console.log(error.message);
    }
}
