// The official client for JavaScript.

import assert from 'node:assert/strict';
import { apiKey, baseURL, failure, load, main, model, user } from './checks.mjs';

const { default: OpenAI } = await load('openai');
const { zodResponseFormat } = await load('openai/helpers/zod');
const { z } = await load('zod');

const client = new OpenAI({ baseURL, apiKey, maxRetries: 2, timeout: 20_000 });
const chat = client.chat.completions;
const person = zodResponseFormat(z.object({ name: z.string(), age: z.number().int() }), 'person');
const parameters = {
  type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false,
};
const definition = { name: 'get_weather', description: 'The weather.', parameters, strict: true };
const ask = (content, more) => ({ model, messages: user(content), temperature: 0, ...more });
const text = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? '').join('');

async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

/** A tool that counts its calls. */
function weather() {
  const calls = [];
  const run = async ({ city }) => {
    calls.push(city);
    return 'sunny';
  };
  return { calls, tool: { type: 'function', function: { ...definition, function: run, parse: JSON.parse } } };
}

await main({
  answer: async () => {
    const { choices: [choice], usage } = await chat.create(ask('Say hello'));
    return [choice.message.content.trim(), choice.finish_reason, usage.total_tokens];
  },
  'raw answer': async () => {
    const { data, response } = await chat.create(ask('Say it raw')).withResponse();
    return [response.status, data.choices[0].finish_reason];
  },
  stream: async () => {
    const chunks = await all(await chat.create(ask('Say hello', { stream: true, stream_options: { include_usage: true } })));
    assert(chunks.at(-1).usage.total_tokens > 0);
    return [text(chunks).trim(), chunks.length];
  },
  'stream helper': async () => {
    const seen = new Set();
    const stream = chat.stream(ask('Say it with help'));
    for (const name of ['connect', 'chunk', 'content.delta', 'content.done', 'finalContent', 'chatCompletion', 'end', 'error']) {
      stream.on(name, () => seen.add(name));
    }
    const content = await stream.finalContent();
    await stream.done();
    assert(seen.has('content.delta') && seen.has('content.done') && !seen.has('error'), [...seen].join());
    return [content.trim(), (await stream.finalChatCompletion()).choices[0].finish_reason];
  },
  'two choices': async () => {
    const { choices } = await chat.create(ask('Say hello twice', { n: 2 }));
    return choices.map(({ index, message }) => [index, message.content.trim()]);
  },
  'two choices in a stream': async () => {
    const { choices } = await chat.stream(ask('Say hello twice', { n: 2 })).finalChatCompletion();
    return choices.map(({ index, message }) => [index, message.content.trim()]);
  },
  'log-probabilities': async () => {
    const { choices: [choice] } = await chat.create(ask('Say it likely', { logprobs: true, top_logprobs: 2 }));
    const tokens = choice.logprobs.content;
    assert.equal(tokens.map(({ token }) => token).join('').trim(), choice.message.content.trim());
    return tokens.length;
  },
  parse: async () => {
    const whole = await chat.parse(ask('Who?', { max_tokens: 60, response_format: person }));
    return whole.choices[0].message.parsed;
  },
  'parse a stream': async () => {
    const stream = chat.stream(ask('Who?', { max_tokens: 60, response_format: person }));
    return (await stream.finalChatCompletion()).choices[0].message.parsed;
  },
  refusal: async () => {
    const whole = await chat.parse({ model: 'prude', messages: user('Who?'), response_format: person });
    assert.equal(whole.choices[0].message.parsed, null);
    return whole.choices[0].message.refusal;
  },
  'tool loop': async () => {
    const { calls, tool } = weather();
    const loop = chat.runTools(ask('the weather in Paris', { tools: [tool] }));
    return [(await loop.finalContent()).trim(), calls, loop.messages.map(({ role }) => role)];
  },
  'tool loop in a stream': async () => {
    const { calls, tool } = weather();
    const loop = chat.runTools(ask('the weather in Paris', { tools: [tool], stream: true }));
    return [(await loop.finalContent()).trim(), calls];
  },
  'parallel tools in a stream': async () => {
    const tools = [{ type: 'function', function: definition }];
    const { choices: [choice] } = await chat.stream(ask('both: Paris and Oslo', { tools })).finalChatCompletion();
    return [choice.message.tool_calls.map((call) => call.function.parsed_arguments), choice.finish_reason];
  },
  reasoning: async () => {
    const chunks = await all(await chat.create({ model: 'thinker', messages: user('Whether?'), stream: true }));
    return [chunks.map((chunk) => chunk.choices[0]?.delta?.reasoning_content ?? '').join(''), text(chunks)];
  },
  'stored completions': async () => {
    const ids = [];
    for (const number of ['0', '1', '2', '3', '4']) {
      const kept = { store: true, metadata: { run: 'node', number } };
      ids.push((await chat.create(ask(`Keep ${number}`, kept))).id);
    }
    // Iterating asks for the next pages.
    const list = async (query) => (await all(chat.list({ metadata: { run: 'node' }, ...query }))).map(({ id }) => id);
    assert.deepEqual(await list({ limit: 2, order: 'asc' }), ids);
    assert.deepEqual(await list({ limit: 3, order: 'desc' }), [...ids].reverse());
    assert.deepEqual((await chat.retrieve(ids[0])).metadata, { run: 'node', number: '0' });
    assert.deepEqual((await chat.update(ids[0], { metadata: { run: 'other' } })).metadata, { run: 'other' });
    const messages = (await all(chat.messages.list(ids[1], { limit: 1 }))).map(({ content }) => content);
    assert((await chat.delete(ids[1])).deleted);
    await failure(OpenAI.NotFoundError, () => chat.retrieve(ids[1]));
    return messages;
  },
  retries: async () => (await chat.create({ model: 'busy-then-well', messages: user('Say hello') })).choices[0].message.content,
  429: async () => {
    const error = await failure(OpenAI.RateLimitError, () => chat.create({ model: 'busy', messages: user('Say hello') }));
    return [error.status, error.message];
  },
  400: async () => {
    const error = await failure(OpenAI.BadRequestError, () => chat.create(ask('Hot', { temperature: 3 })));
    return [error.status, error.param, error.type];
  },
  401: async () => {
    const other = new OpenAI({ baseURL, apiKey: 'no-such-key', maxRetries: 0 });
    const error = await failure(OpenAI.AuthenticationError, () => other.chat.completions.create(ask('Who am I?')));
    return [error.status, error.code];
  },
  abort: async () => {
    const stream = chat.stream({ model: 'slow', messages: user('Say it slowly') });
    stream.on('chunk', () => stream.abort());
    await failure(OpenAI.APIUserAbortError, () => stream.done());
    return (await chat.create(ask('And now?'))).choices[0].finish_reason;
  },
  'a cut connection': async () => {
    const read = async () => all(await chat.create({ model: 'cut', messages: user('Say hello'), stream: true }));
    await failure(Error, read);
  },
  'an error in mid-stream': async () => {
    const chunks = [];
    const read = async () => {
      for await (const chunk of await chat.create({ model: 'broken', messages: user('Say hello'), stream: true })) chunks.push(chunk);
    };
    const error = await failure(OpenAI.APIError, read);
    return [text(chunks), error.message];
  },
  models: async () => (await all(client.models.list())).map(({ id }) => id),
});
