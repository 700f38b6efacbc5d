// Runs the checks of a client in JavaScript, and prints a line of JSON for each. The clients have the checks.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export const [folder, baseURL, apiKey, model] = process.argv.slice(2);
const wanted = process.argv[6]?.split(',');

// The packages are in the folder of the peer, and not beside this file.
const require = createRequire(`${folder}/package.json`);
export const load = (name) => import(pathToFileURL(require.resolve(name)).href);

export const user = (text) => [{ role: 'user', content: text }];

export async function failure(kind, run) {
  let answer;
  try {
    answer = await run();
  } catch (error) {
    assert(error instanceof kind, `${error?.constructor?.name} is not ${kind.name}: ${error}`);
    return error;
  }
  assert.fail(`no ${kind.name}: ${JSON.stringify(answer)}`);
}

export async function main(checks) {
  for (const [check, run] of Object.entries(checks)) {
    if (wanted && !wanted.includes(check)) continue;
    try {
      print({ check, got: (await run()) ?? null });
    } catch (error) {
      print({ check, failed: String(error?.stack ?? error) });
    }
  }
}

const print = (line) => console.log(JSON.stringify(line));
