"""Writes a model of a few megabytes that always says what is written here: `scripted_model.py OUT.gguf`.

A real server runs it, so that its tokeniser, sampler, grammar, parser of tool calls and writer of events are the
real ones. The weights are a table. Each token has a dimension of its own, so the matrix of the output maps the last
token to the next one. One attention head looks for the cue that the template puts behind the last message, and adds
its dimension; the output then prefers the first token of that text.
"""

import array
import math
import struct
import sys
from pathlib import Path

TEMPLATE = (Path(__file__).parent / "scripted_model.jinja").read_text()

# Each text as the tokens in which it is generated. A byte has a token of its own, so characters are split.
TEXTS = {
    "<|greet|>": [" Good", " morning", "!", " Zo", *"ë".encode(), " keeps", " a", " crab", ":", " ", *"🦀".encode(), "."],
    "<|call|>": ["<tool_call>", "\n{", '"name": "', "get_weather", '", "arguments": {', '"city": "', "Paris", '"}}',
                 "\n</tool_call>"],
    "<|both|>": ["<tool_call>\n", '{"name": ', '"get_weather", ', '"arguments": ', '{"city": "Paris"}}', "\n</tool_call>\n",
                 "<tool_call>\n{", '"name": "get_weather"', ', "arguments": {"city": "O', 'slo"}}', "\n</tool_call> "],
    "<|answer|>": [" The", " sun", " shines", " on", " Paris"],
    "<|count|>": [" one", " two", " three", " four"],
    "<|think|>": ["<think>", "\nThey", " want", " thoughts", "\n</think>", "\n\nThought", " well"],
    "<|broken|>": [" I", " will", " see", '<tool_call>\n{"name": "nobody"'],
}
ENDLESS = "<|count|>"

END = "<|im_end|>"
CONTROL_TOKENS = ["<unk>", "<s>", "</s>", "<|im_start|>", END, *TEXTS]
# Where a grammar allows many tokens, this is the order in which JSON ends soonest.
JSON_TOKENS = {'"': 0.0, "}": -0.5, "]": -0.6, ":": -1.0, "{": -1.5, ",": -2.0, "1": -2.5, "t": -2.8, "f": -2.9, "[": -3.0}

NORMAL, UNKNOWN, CONTROL, USER, BYTE = 1, 2, 3, 4, 6
UNLIKELY, NEVER, JSON_END, SECOND, NEXT, CUE = -12.0, -60.0, -4.5, 8.0, 14.0, 21.0
HEAD = 64


class Vocabulary:
    """The tokens: those of the template, one for each byte and each ASCII character, and those of the texts."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.types: list[int] = []
        self.scores: list[float] = []
        self.ids: dict[str, int] = {}
        for token in CONTROL_TOKENS:
            self.add(token, UNKNOWN if token == "<unk>" else CONTROL, 0.0)
        for byte in range(256):
            self.add(byte_token(byte), BYTE, 0.0)
        for letter in "▁" + "".join(map(chr, range(33, 127))):
            self.add(letter, NORMAL, -1000.0)
        for text in TEXTS.values():
            for token in map(name, text):
                if token not in self.ids:
                    self.add(token, USER if token in ("<tool_call>", "<think>") else NORMAL, -float(len(self.tokens)))

    def add(self, token: str, kind: int, score: float) -> None:
        self.ids[token] = len(self.tokens)
        self.tokens.append(token)
        self.types.append(kind)
        self.scores.append(score)


def byte_token(byte: int) -> str:
    return f"<0x{byte:02X}>"


def name(token: "str | int") -> str:
    """The name of a token in the file, where a space is another character."""
    return byte_token(token) if isinstance(token, int) else token.replace(" ", "▁")


class Matrix:
    """A matrix of zeros, to be filled."""

    def __init__(self, rows: int, columns: int, value: float = 0.0) -> None:
        self.shape = (rows, columns)
        self.values = array.array("f", [value]) * (rows * columns)

    def set(self, row: int, column: int, value: float) -> None:
        self.values[row * self.shape[1] + column] = value

    def get(self, row: int, column: int) -> float:
        return self.values[row * self.shape[1] + column]


def likely(vocabulary: Vocabulary) -> Matrix:
    """How likely each token (row) is after each other one (column)."""
    ids, count = vocabulary.ids, len(vocabulary.tokens)
    table = Matrix(count, count, UNLIKELY)
    for token, value in {**JSON_TOKENS, END: JSON_END}.items():
        for last in range(count):
            table.set(ids[token], last, value)
    followers: dict[int, int] = {}
    for cue, text in TEXTS.items():
        tokens = [ids[name(token)] for token in text]
        follow = tokens[0] if cue == ENDLESS else ids[END]
        for last, token in zip(tokens, [*tokens[1:], follow]):
            assert followers.setdefault(last, token) == token, f"two texts go on after '{vocabulary.tokens[last]}'"
            table.set(token, last, NEXT)
    # A call of another tool ends, too.
    table.set(ids["\n</tool_call>"], ids["}"], SECOND)
    # A text begins only after the head of a message, so that none begins within a string of JSON.
    for text in TEXTS.values():
        first = ids[name(text[0])]
        for last in range(count):
            if table.get(first, last) != NEXT and last != ids[byte_token(10)]:
                table.set(first, last, NEVER)
    return table


def tensors(vocabulary: Vocabulary) -> tuple[int, list[tuple[str, tuple[int, ...], array.array]]]:
    """The width of the model, and its tensors."""
    ids, count = vocabulary.ids, len(vocabulary.tokens)
    width = -(-(count + len(TEXTS)) // HEAD) * HEAD
    embedding, output = Matrix(count, width), Matrix(count, width)
    query, key, value, out = (Matrix(width, width) for _ in range(4))
    # What a norm makes of one dimension, and of two.
    one, two = math.sqrt(width), math.sqrt(width / 2)
    # Positions turn the last pair of a head least.
    pair = HEAD - 2
    look = math.sqrt(60 * math.sqrt(HEAD)) / one
    table = likely(vocabulary)
    for token in range(count):
        embedding.set(token, token, 1.0)
        query.set(pair, token, look)
        for last in range(count):
            output.set(token, last, table.get(token, last) / two)
    for place, (cue, text) in enumerate(TEXTS.items()):
        key.set(pair, ids[cue], look)
        value.set(place, ids[cue], 1 / one)
        out.set(count + place, place, 1.0)
        output.set(ids[name(text[0])], count + place, CUE / two)
    ones = array.array("f", [1.0]) * width
    none = Matrix(HEAD, width)
    block = {
        "attn_norm": ((width,), ones), "ffn_norm": ((width,), ones),
        "attn_q": (query.shape, query.values), "attn_k": (key.shape, key.values),
        "attn_v": (value.shape, value.values), "attn_output": (out.shape, out.values),
        "ffn_gate": (none.shape, none.values), "ffn_up": (none.shape, none.values),
        "ffn_down": ((width, HEAD), none.values),
    }
    named = [(f"blk.0.{part}.weight", *tensor) for part, tensor in block.items()]
    return width, [
        ("token_embd.weight", embedding.shape, embedding.values), ("output.weight", output.shape, output.values),
        ("output_norm.weight", (width,), ones), *named,
    ]


# The types of values in the file.
U32, F32, BOOL, STRING, LIST, I32 = 4, 6, 7, 8, 9, 5
FORMATS = {U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}
ALIGNMENT = 32


def packed(kind: int, value: object) -> bytes:
    if kind == STRING:
        text = str(value).encode()
        return struct.pack("<Q", len(text)) + text
    return struct.pack(FORMATS[kind], value)


def entry(key: str, kind: int, value: object) -> bytes:
    return packed(STRING, key) + struct.pack("<I", kind) + packed(kind, value)


def entries(key: str, kind: int, values: list) -> bytes:
    head = packed(STRING, key) + struct.pack("<IIQ", LIST, kind, len(values))
    return head + b"".join(packed(kind, value) for value in values)


def settings(vocabulary: Vocabulary, width: int) -> list[bytes]:
    ids = vocabulary.ids
    numbers = {
        "context_length": 4096, "embedding_length": width, "block_count": 1, "feed_forward_length": HEAD,
        "attention.head_count": width // HEAD, "attention.head_count_kv": width // HEAD,
        "rope.dimension_count": HEAD, "vocab_size": len(vocabulary.tokens),
    }
    return [
        entry("general.architecture", STRING, "llama"), entry("general.name", STRING, "scripted"),
        *(entry(f"llama.{key}", U32, value) for key, value in numbers.items()),
        entry("llama.attention.layer_norm_rms_epsilon", F32, 1e-6), entry("llama.rope.freq_base", F32, 1e7),
        entry("tokenizer.ggml.model", STRING, "llama"), entries("tokenizer.ggml.tokens", STRING, vocabulary.tokens),
        entries("tokenizer.ggml.scores", F32, vocabulary.scores),
        entries("tokenizer.ggml.token_type", I32, vocabulary.types),
        entry("tokenizer.ggml.bos_token_id", U32, ids["<s>"]), entry("tokenizer.ggml.eos_token_id", U32, ids[END]),
        entry("tokenizer.ggml.unknown_token_id", U32, ids["<unk>"]),
        entry("tokenizer.ggml.add_bos_token", BOOL, True), entry("tokenizer.ggml.add_space_prefix", BOOL, False),
        entry("tokenizer.chat_template", STRING, TEMPLATE),
    ]


def padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % ALIGNMENT)


def write(path: Path) -> None:
    """Writes the model in the format GGUF, version 3."""
    vocabulary = Vocabulary()
    width, named = tensors(vocabulary)
    values = settings(vocabulary, width)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(named), len(values)) + b"".join(values)
    data = b""
    for tensor, shape, numbers in named:
        # The shortest step comes first; 0 is the type of 32-bit floats.
        sizes = struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape))
        head += packed(STRING, tensor) + sizes + struct.pack("<IQ", 0, len(data))
        data += padded(numbers.tobytes())
    path.write_bytes(padded(head) + data)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
