// A client of a service on this machine, over connections that stay open.
import http from 'node:http';

const REQUEST_TIMEOUT_MS = 30_000;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

// Where the service answers; nothing when it is not on this machine.
export function endpoint(address) {
  const url = new URL('/graphql', address);
  return url.protocol === 'http:' && LOOPBACK.test(url.hostname) ? url : undefined;
}

// Asks by POST, over so many connections at most. Of an answer it tells what is wrong with it, how many statements it
// took and how many bytes it has.
export class Client {
  #url;
  #agent;

  constructor(url, connections) {
    this.#url = url;
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  }

  close() {
    this.#agent.destroy();
  }

  ask(token, body) {
    const options = {
      method: 'POST',
      agent: this.#agent,
      timeout: REQUEST_TIMEOUT_MS,
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      },
    };
    return new Promise((resolve) => {
      const request = http.request(this.#url, options, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', (error) => resolve({ problem: error.message }));
        response.on('end', () => {
          const answer = Buffer.concat(chunks);
          const good = response.statusCode === 200 && !/"errors":(?!\[\])/.test(answer.toString());
          resolve({
            problem: good ? null : `status ${response.statusCode}: ${answer.toString().slice(0, 500)}`,
            statements: Number(response.headers['x-kpigraph-sql-statements']),
            bytes: answer.length,
          });
        });
      });
      request.on('timeout', () => request.destroy(new Error('no answer in time')));
      request.on('error', (error) => resolve({ problem: error.message }));
      request.end(body);
    });
  }
}
