// The AI SDK, with its provider for compatible services.

import assert from 'node:assert/strict';
import { apiKey, baseURL, failure, load, main, model } from './checks.mjs';

const ai = await load('ai');
const { createOpenAICompatible } = await load('@ai-sdk/openai-compatible');
const { z } = await load('zod');

const settings = { name: 'chatwire', baseURL, includeUsage: true, supportsStructuredOutputs: true };
const provider = createOpenAICompatible({ ...settings, apiKey });
const ask = (prompt, more) => ({ model: provider(model), prompt, temperature: 0, maxRetries: 2, ...more });
const schema = z.object({ name: z.string(), age: z.number().int() });

function weather() {
  const cities = [];
  const execute = async ({ city }) => {
    cities.push(city);
    return 'sunny';
  };
  const inputSchema = z.object({ city: z.string() });
  const tools = { get_weather: ai.tool({ description: 'The weather.', inputSchema, execute }) };
  return { cities, more: { tools, stopWhen: ai.stepCountIs(3) } };
}

/** The text of a stream, and the errors in it. */
async function read(stream) {
  const [texts, errors, reasoning] = [[], [], []];
  for await (const part of stream.fullStream) {
    if (part.type === 'text-delta') texts.push(part.text);
    if (part.type === 'reasoning-delta') reasoning.push(part.text);
    if (part.type === 'error') errors.push(part.error);
  }
  return { text: texts.join('').trim(), reasoning: reasoning.join('').trim(), errors };
}

const quiet = { onError() {} };

await main({
  answer: async () => {
    const { text, finishReason, usage } = await ai.generateText(ask('Say hello'));
    return [text.trim(), finishReason, usage.totalTokens];
  },
  stream: async () => {
    const stream = ai.streamText(ask('Say hello'));
    const { text, errors } = await read(stream);
    assert.deepEqual(errors, []);
    return [text, await stream.finishReason, (await stream.usage).totalTokens];
  },
  parse: async () => {
    const output = ai.Output.object({ schema });
    return (await ai.generateText(ask('Who?', { output, maxOutputTokens: 60 }))).output;
  },
  'parse a stream': async () => {
    const stream = ai.streamText(ask('Who?', { output: ai.Output.object({ schema }), maxOutputTokens: 60 }));
    return await stream.output;
  },
  'tool loop': async () => {
    const { cities, more } = weather();
    const { text, steps } = await ai.generateText(ask('the weather in Paris', more));
    return [text.trim(), steps.length, cities];
  },
  'tool loop in a stream': async () => {
    const { cities, more } = weather();
    const stream = ai.streamText(ask('the weather in Paris', more));
    const { text } = await read(stream);
    return [text, (await stream.steps).length, cities];
  },
  'parallel tools in a stream': async () => {
    const { more } = weather();
    const stream = ai.streamText(ask('both: Paris and Oslo', { ...more, stopWhen: ai.stepCountIs(1) }));
    await read(stream);
    return (await stream.toolCalls).map(({ input }) => input);
  },
  reasoning: async () => {
    const whole = await ai.generateText({ model: provider('thinker'), prompt: 'Whether?' });
    const { text, reasoning } = await read(ai.streamText({ model: provider('thinker'), prompt: 'Whether?' }));
    assert.deepEqual([text, reasoning], [whole.text, whole.reasoningText]);
    return [text, reasoning];
  },
  retries: async () => (await ai.generateText({ model: provider('busy-then-well'), prompt: 'Say hello', maxRetries: 2 })).text,
  429: async () => {
    const busy = { model: provider('busy'), prompt: 'Say hello', maxRetries: 1 };
    const error = await failure(ai.RetryError, () => ai.generateText(busy));
    return [error.lastError.statusCode, error.lastError.message];
  },
  400: async () => {
    const error = await failure(ai.APICallError, () => ai.generateText(ask('Hot', { temperature: 3 })));
    return [error.statusCode, error.isRetryable, error.message];
  },
  401: async () => {
    const other = createOpenAICompatible({ ...settings, apiKey: 'no-such-key' });
    const error = await failure(ai.APICallError, () => ai.generateText({ model: other(model), prompt: 'Who am I?' }));
    return [error.statusCode, error.data.error.code];
  },
  abort: async () => {
    const stop = new AbortController();
    const stream = ai.streamText({ model: provider('slow'), prompt: 'Say it slowly', abortSignal: stop.signal, ...quiet });
    let end = '';
    for await (const part of stream.fullStream) {
      if (part.type === 'text-delta') stop.abort();
      end = part.type;
    }
    return end;
  },
  'a cut connection': async () => {
    const cut = { model: provider('cut'), prompt: 'Say hello', maxRetries: 0, ...quiet };
    await failure(ai.APICallError, () => read(ai.streamText(cut)));
  },
  'an error in mid-stream': async () => {
    const { text, errors } = await read(ai.streamText({ model: provider('broken'), prompt: 'Say hello', maxRetries: 0, ...quiet }));
    return [text, errors.map((error) => error?.message ?? error)];
  },
});
