# A question about a picture.
import base64
import sys
from pathlib import Path

from openai import OpenAI

client = OpenAI()
image = base64.b64encode(Path(sys.argv[1]).read_bytes()).decode()
completion = client.chat.completions.create(
    model="gpt-4o-mini",
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is in this picture?"},
                {
                    "type": "image_url",
                    "image_url": {"url": f"data:image/png;base64,{image}"},
                },
            ],
        }
    ],
)
print(completion.choices[0].message.content)
