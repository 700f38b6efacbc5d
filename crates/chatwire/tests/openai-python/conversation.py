# A chat that remembers what was said; each line of the input is a turn.
import sys

from openai import OpenAI

client = OpenAI()
messages = [{"role": "system", "content": "Rhyme."}]
for line in sys.stdin:
    messages.append({"role": "user", "content": line.rstrip("\n")})
    completion = client.chat.completions.create(model="gpt-4o-mini", messages=messages)
    message = completion.choices[0].message
    print(message.content)
    messages.append(message)
