// Requests that are tried again: after network errors, and after answers that say "not now".

const TRIES = 5;
const TRIED_AGAIN = [429, 500, 502, 503, 504];

export const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

export async function request(url: string, options: RequestInit = {}): Promise<Response> {
  for (let tried = 1; ; tried++) {
    let wait = 1000 * 2 ** (tried - 1);
    try {
      const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(300_000) });
      if (answer.ok) return answer;
      if (tried === TRIES || !TRIED_AGAIN.includes(answer.status)) {
        throw new Error(`${url}: ${answer.status}: ${await answer.text()}`, { cause: "refused" });
      }
      wait = Number(answer.headers.get("Retry-After")) * 1000 || wait;
    } catch (error) {
      if (tried === TRIES || (error as Error).cause === "refused") throw error;
    }
    await pause(wait);
  }
}

// What a program needs to be told.
export function setting(name: string, usual?: string): string {
  const value = process.env[name] ?? usual;
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}
