# Code of yours, and a test for it that needs no network.
import json

from httpx2 import MockTransport, Response
from openai import DefaultHttpxClient, OpenAI


def summarize(client: OpenAI, text: str) -> str:
    completion = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[
            {"role": "system", "content": "Summarize the text."},
            {"role": "user", "content": text},
        ],
    )
    return completion.choices[0].message.content


def answer(request):
    sent.append(json.loads(request.content))
    message = {"role": "assistant", "content": "A short text."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return Response(200, json={"choices": [choice]})


sent = []
http_client = DefaultHttpxClient(transport=MockTransport(answer))
client = OpenAI(api_key="none", http_client=http_client)
assert summarize(client, "A long text") == "A short text."
assert sent[0]["messages"][-1] == {"role": "user", "content": "A long text"}
