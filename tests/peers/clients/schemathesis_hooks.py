"""Tells schemathesis what the document says in words, because OpenAPI 3.0 has no keywords for it, and what the
official service refuses that others take. `chatwire serve` answers as the official service does."""

import json
import os
import re
from urllib.parse import parse_qsl, urlsplit

import schemathesis


@schemathesis.hook
def before_load_schema(context, raw_schema) -> None:
    schemas = raw_schema["components"]["schemas"]
    request = schemas["CreateChatCompletionRequest"]
    # Other services have a default model, or a template in place of messages, or no limit for -1.
    request["required"] = ["model", "messages"]
    schemas["JsonSchemaDefinition"]["required"] = ["name"]
    for limit in ("max_tokens", "max_completion_tokens"):
        request["properties"][limit]["minimum"] = 1
    # Some services leave these keys out.
    for kind, name in (("function", "FunctionToolCall"), ("custom", "CustomToolCall")):
        schemas[name]["properties"]["type"] = {"type": "string", "enum": [kind]}
        schemas[name]["required"] = ["id", "type", kind]
    for schema in schemas.values():
        drop_keys_of_some(schema)
        first_form_counts(schema)
        null_is_absent(schema)
    # `chatwire serve` asks for a key only if it was started with one, as the suite `contract` does.
    if "PEERS_KEY" not in os.environ:
        raw_schema["security"].append({})


def drop_keys_of_some(schema) -> None:
    """The optional keys that only some services have may hold anything, because others pass over them."""
    for key, value in list(schema.get("properties", {}).items()):
        if "x-services" in value and key not in schema.get("required", []):
            del schema["properties"][key]


def first_form_counts(schema) -> None:
    """A decoder takes the first form that fits. By the letter of `oneOf`, the integer of a union with `number` would
    fit two, and so would a tool call without a type."""
    if "oneOf" in schema:
        schema["anyOf"] = schema.pop("oneOf")


def null_is_absent(schema) -> None:
    """The null of an optional key is no value, and services ignore it."""
    for key, value in schema.get("properties", {}).items():
        if key not in schema.get("required", []):
            value["nullable"] = True


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """Adds what a parameter needs beside it, and drops what it excludes. A value of a wrong type stays as it is."""
    body = case.body
    if case.operation.label != "POST /chat/completions" or not isinstance(body, dict):
        return
    # A completion can be asked for again only if it is stored.
    add(body, "store", True)
    if body.get("top_logprobs") is not None:
        add(body, "logprobs", True)
    if body.get("stream_options") is not None:
        add(body, "stream", True)
    reasoning = body.get("reasoning")
    if isinstance(reasoning, dict) and isinstance(reasoning.get("effort"), str) and is_whole(reasoning.get("max_tokens")):
        del reasoning["max_tokens"]


def add(body: dict, key: str, value: object) -> None:
    if body.get(key) in (None, False):
        body[key] = value


def is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


# The refusals that are left: the start of the parameter, and a part of the message.
RIGHT = [
    # Rules between parameters, which a change could only fulfil by a guess.
    ("tool_choice", "`tools`"),
    ("audio", "`modalities` asks for audio"),
    ("audio.format", "in a stream"),
    # Values that only other services have, and content without parts.
    ("", "Supported values are"),
    ("messages[", "has no parts"),
    # A message of the model has content, calls or a refusal.
    ("messages[", ".content'"),
    # A schema is any JSON to the document, and has rules of its own in strict mode.
    ("tools[", "Invalid schema for"),
    ("response_format", "Invalid schema for"),
]


@schemathesis.hook
def filter_failure(context, failure, case, response) -> bool:
    """Drops the complaint about such a refusal."""
    if "request accepted" in failure.title:
        return "`metadata` in query" not in failure.message or not has_right_metadata(response.request.url)
    if response.status_code != 400 or "request rejected" not in failure.title:
        return True
    try:
        error = json.loads(response.content)["error"]
    except (ValueError, KeyError, TypeError):
        return True
    return not any((error.get("param") or "").startswith(param) and part in error["message"] for param, part in RIGHT)


def has_right_metadata(url: str) -> bool:
    """A query has only texts, so a number or null in it arrives as the text that the document demands."""
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    pairs = {name: value for name, value in query if name.startswith("metadata")}
    is_pair = (re.fullmatch(r"metadata\[[^\[\]]{0,64}\]", name) and len(value) <= 512 for name, value in pairs.items())
    return len(pairs) <= 16 and all(is_pair)
