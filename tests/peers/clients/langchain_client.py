"""LangChain's integration of compatible services."""

import openai
from checks import BASE_URL, KEY, MODEL, check, equal, main, raises
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, SecretStr


def chat(model: str = MODEL, key: str = KEY, **more) -> ChatOpenAI:
    return ChatOpenAI(model=model, base_url=BASE_URL, api_key=SecretStr(key), max_retries=2, temperature=0, **more)


class Person(BaseModel):
    name: str
    age: int


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


@check("answer")
def answer():
    message = chat().invoke("Say hello")
    return message.content.strip(), message.response_metadata["finish_reason"], message.usage_metadata["total_tokens"]


@check("stream")
def stream():
    whole = None
    for chunk in chat(stream_usage=True).stream("Say hello"):
        whole = chunk if whole is None else whole + chunk
    return whole.content.strip(), whole.usage_metadata["total_tokens"], whole.response_metadata["finish_reason"]


@check("two choices")
def two_choices():
    result = chat(n=2).generate([[HumanMessage("Say hello twice")]])
    return [generation.text.strip() for generation in result.generations[0]]


@check("log-probabilities")
def logprobs():
    message = chat(logprobs=True, top_logprobs=2).invoke("Say it likely")
    tokens = message.response_metadata["logprobs"]["content"]
    equal("".join(token["token"] for token in tokens).strip(), message.content.strip())
    return len(tokens)


@check("parse")
def parse():
    person = chat(max_tokens=60).with_structured_output(Person, method="json_schema").invoke("Who?")
    assert isinstance(person, Person)
    return person.model_dump()


@check("tool loop")
def tool_loop():
    model, messages = chat().bind_tools([get_weather]), [HumanMessage("the weather in Paris")]
    for turn in range(3):
        message = model.invoke(messages)
        if not message.tool_calls:
            return turn, message.content.strip()
        messages.append(message)
        for call in message.tool_calls:
            messages.append(ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"]))
    raise AssertionError("the model calls for ever")


@check("parallel tools in a stream")
def parallel_tools():
    whole = None
    for chunk in chat().bind_tools([get_weather]).stream("both: Paris and Oslo"):
        whole = chunk if whole is None else whole + chunk
    return [call["args"] for call in whole.tool_calls]


@check("retries")
def retries():
    return chat("busy-then-well").invoke("Say hello").content


@check("429")
def too_many():
    return raises(openai.RateLimitError, lambda: chat("busy").invoke("Say hello")).status_code


@check("400")
def bad_request():
    error = raises(openai.BadRequestError, lambda: chat(top_p=2).invoke("Hot"))
    return error.status_code, error.param


@check("401")
def unauthorized():
    return raises(openai.AuthenticationError, lambda: chat(key="no-such-key").invoke("Who am I?")).status_code


@check("abort")
def abort():
    chunks = chat("slow").stream("Say it slowly")
    first = next(chunks)
    chunks.close()
    return first.content, chat().invoke("And now?").response_metadata["finish_reason"]


@check("a cut connection")
def cut():
    return type(raises(Exception, lambda: list(chat("cut").stream("Say hello")))).__name__


@check("an error in mid-stream")
def broken():
    return raises(openai.APIError, lambda: list(chat("broken").stream("Say hello"))).message


main()
