"""The official client for Python."""

import asyncio
import json

import openai
from checks import BASE_URL, KEY, MODEL, TOOL, check, equal, main, raises, user
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

client = OpenAI(base_url=BASE_URL, api_key=KEY, max_retries=2, timeout=20)
chat = client.chat.completions


class Person(BaseModel):
    name: str
    age: int


@check("answer")
def answer():
    whole = chat.create(model=MODEL, messages=user("Say hello"), temperature=0)
    assert whole.usage.total_tokens > 0
    return whole.choices[0].message.content.strip(), whole.choices[0].finish_reason, whole.usage.total_tokens


@check("raw answer")
def raw_answer():
    raw = chat.with_raw_response.create(model=MODEL, messages=user("Say it raw"), temperature=0)
    assert raw.headers["content-type"].startswith("application/json")
    return raw.status_code, raw.parse().choices[0].finish_reason


@check("stream")
def stream():
    options = {"include_usage": True}
    chunks = list(chat.create(model=MODEL, messages=user("Say hello"), temperature=0, stream=True, stream_options=options))
    assert chunks[-1].usage.total_tokens > 0 and chunks[-1].choices == []
    return text(chunks).strip(), len(chunks)


@check("async stream")
def async_stream():
    async def read():
        async with AsyncOpenAI(base_url=BASE_URL, api_key=KEY) as other:
            chunks = await other.chat.completions.create(model=MODEL, messages=user("Say it soon"), temperature=0, stream=True)
            return text([chunk async for chunk in chunks])

    return asyncio.run(read()).strip()


@check("stream helper")
def stream_helper():
    with chat.stream(model=MODEL, messages=user("Say it with help"), temperature=0) as events:
        kinds = [event.type for event in events]
        whole = events.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= set(kinds), kinds
    return sorted(set(kinds)), whole.choices[0].message.content.strip()


@check("two choices")
def two_choices():
    whole = chat.create(model=MODEL, messages=user("Say hello twice"), temperature=0, n=2)
    return [(choice.index, choice.message.content.strip()) for choice in whole.choices]


@check("two choices in a stream")
def two_choices_in_a_stream():
    with chat.stream(model=MODEL, messages=user("Say hello twice"), temperature=0, n=2) as events:
        whole = events.get_final_completion()
    return [(choice.index, choice.message.content.strip()) for choice in whole.choices]


@check("log-probabilities")
def logprobs():
    whole = chat.create(model=MODEL, messages=user("Say it likely"), temperature=0, logprobs=True, top_logprobs=2)
    tokens = whole.choices[0].logprobs.content
    equal("".join(token.token for token in tokens).strip(), whole.choices[0].message.content.strip())
    return len(tokens), {len(token.top_logprobs) for token in tokens} == {2}


@check("parse")
def parse():
    whole = chat.parse(model=MODEL, messages=user("Who?"), temperature=0, max_tokens=60, response_format=Person)
    assert isinstance(whole.choices[0].message.parsed, Person)
    return whole.choices[0].message.parsed.model_dump()


@check("parse a stream")
def parse_stream():
    with chat.stream(model=MODEL, messages=user("Who?"), temperature=0, max_tokens=60, response_format=Person) as events:
        whole = events.get_final_completion()
    return whole.choices[0].message.parsed.model_dump()


@check("refusal")
def refusal():
    whole = chat.parse(model="prude", messages=user("Who?"), response_format=Person)
    assert whole.choices[0].message.parsed is None
    return whole.choices[0].message.refusal


@check("tool loop")
def tool_loop():
    messages = user("the weather in Paris")
    for turn in range(3):
        message = chat.create(model=MODEL, messages=messages, temperature=0, tools=[TOOL]).choices[0].message
        if not message.tool_calls:
            return turn, message.content.strip()
        messages.append(message)
        for call in message.tool_calls:
            equal(json.loads(call.function.arguments), {"city": "Paris"})
            messages.append({"role": "tool", "tool_call_id": call.id, "content": "sunny"})
    raise AssertionError("the model calls for ever")


@check("parallel tools in a stream")
def parallel_tools():
    with chat.stream(model=MODEL, messages=user("both: Paris and Oslo"), temperature=0, tools=[TOOL]) as events:
        kinds = {event.type for event in events}
        whole = events.get_final_completion()
    assert "tool_calls.function.arguments.done" in kinds, kinds
    calls = whole.choices[0].message.tool_calls
    return [call.function.parsed_arguments for call in calls], whole.choices[0].finish_reason


@check("reasoning")
def reasoning():
    chunks = list(chat.create(model="thinker", messages=user("Whether?"), stream=True))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    return "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas), text(chunks)


@check("stored completions")
def stored():
    ids = []
    for number in range(5):
        metadata = {"run": "python", "number": str(number)}
        ids.append(chat.create(model=MODEL, messages=user(f"Keep {number}"), store=True, metadata=metadata).id)
    # Iterating asks for the next pages.
    listed = [one.id for one in chat.list(limit=2, metadata={"run": "python"}, order="asc")]
    equal(listed, ids)
    equal([one.id for one in chat.list(limit=3, metadata={"run": "python"}, order="desc")], ids[::-1])
    equal(chat.retrieve(ids[0]).metadata, {"run": "python", "number": "0"})
    equal(chat.update(ids[0], metadata={"run": "other"}).metadata, {"run": "other"})
    messages = [message.content for message in chat.messages.list(ids[1], limit=1)]
    assert chat.delete(ids[1]).deleted
    raises(openai.NotFoundError, lambda: chat.retrieve(ids[1]))
    return len(listed), messages


@check("retries")
def retries():
    return chat.create(model="busy-then-well", messages=user("Say hello")).choices[0].message.content


@check("429")
def too_many():
    error = raises(openai.RateLimitError, lambda: chat.create(model="busy", messages=user("Say hello")))
    return error.status_code, error.message


@check("400")
def bad_request():
    error = raises(openai.BadRequestError, lambda: chat.create(model=MODEL, messages=user("Hot"), temperature=3))
    return error.status_code, error.param, error.type


@check("401")
def unauthorized():
    other = OpenAI(base_url=BASE_URL, api_key="no-such-key", max_retries=0)
    create = other.chat.completions.create
    error = raises(openai.AuthenticationError, lambda: create(model=MODEL, messages=user("Who am I?")))
    assert "no-such-key" not in str(error)
    return error.status_code, error.code


@check("abort")
def abort():
    chunks = chat.create(model="slow", messages=user("Say it slowly"), stream=True)
    first = next(chunks)
    chunks.close()
    # The connection is gone, and the client goes on with another.
    return first.choices[0].delta.role, chat.create(model=MODEL, messages=user("And now?")).choices[0].finish_reason


@check("a cut connection")
def cut():
    # The client's own exception is that of its HTTP library.
    error = raises(Exception, lambda: list(chat.create(model="cut", messages=user("Say hello"), stream=True)))
    return type(error).__name__


@check("an error in mid-stream")
def broken():
    arrived = []
    chunks = chat.create(model="broken", messages=user("Say hello"), stream=True)
    error = raises(openai.APIError, lambda: [arrived.append(chunk) for chunk in chunks])
    return text(arrived), error.message


@check("models")
def models():
    return [model.id for model in client.models.list()]


def text(chunks) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


main()
