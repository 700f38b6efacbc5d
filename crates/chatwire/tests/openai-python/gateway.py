# A gateway to another service. It checks each request, sends it to another model, and counts the tokens. A stream has
# comments while the other service thinks.
import asyncio
import json
import sys

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from openai import APIError, APIStatusError, AsyncOpenAI
from openai.types.chat.completion_create_params import CompletionCreateParams
from pydantic import TypeAdapter, ValidationError

app = FastAPI()
client = AsyncOpenAI()
params = TypeAdapter(CompletionCreateParams)
tokens = 0


def count(usage, counted: int) -> int:
    global tokens
    total = usage.total_tokens if usage else counted
    tokens += total - counted
    return total


def envelope(error: APIError) -> dict:
    return {"error": error.body if isinstance(error.body, dict) else {"message": str(error)}}


async def events(body: dict):
    stream, counted = None, 0
    try:
        waiting = asyncio.ensure_future(client.chat.completions.create(**body))
        while True:
            if not (await asyncio.wait([waiting], timeout=15))[0]:
                yield ": keep-alive\n\n"
                continue
            if stream is None:
                stream = aiter(waiting.result())
            else:
                chunk = waiting.result()
                counted = count(chunk.usage, counted)
                yield f"data: {chunk.model_dump_json(exclude_unset=True)}\n\n"
            waiting = asyncio.ensure_future(anext(stream))
    except StopAsyncIteration:
        pass
    except APIError as error:
        yield f"data: {json.dumps(envelope(error))}\n\n"
    yield "data: [DONE]\n\n"


@app.post("/v1/chat/completions")
async def chat(request: Request):
    body = await request.json()
    try:
        params.validate_python(body)
    except ValidationError as error:
        details = {"message": str(error), "type": "invalid_request_error"}
        return JSONResponse({"error": details}, 400)
    body["model"] = "gpt-4o-mini"
    if body.get("stream"):
        body["stream_options"] = {**body.get("stream_options", {}), "include_usage": True}
        return StreamingResponse(events(body), media_type="text/event-stream")
    try:
        completion = await client.chat.completions.create(**body)
    except APIStatusError as error:
        headers = {"x-request-id": error.request_id or ""}
        return JSONResponse(envelope(error), error.status_code, headers)
    count(completion.usage, 0)
    return JSONResponse(completion.model_dump(mode="json", exclude_unset=True))


@app.get("/tokens")
async def total():
    return PlainTextResponse(str(tokens))


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
uvicorn.run(app, host="127.0.0.1", port=port)
