# Functions that the model calls.
from openai import OpenAI, pydantic_function_tool
from pydantic import BaseModel


class GetWeather(BaseModel):
    """Get the current weather in a city."""

    city: str


def get_weather(args: GetWeather) -> str:
    return f"It is 18 °C in {args.city}."


client = OpenAI()
tools = [pydantic_function_tool(GetWeather, name="get_weather")]
messages = [{"role": "user", "content": "What is the weather like in Paris?"}]
while True:
    completion = client.chat.completions.create(
        model="gpt-4o-mini", messages=messages, tools=tools
    )
    message = completion.choices[0].message
    messages.append(message)
    if not message.tool_calls:
        break
    for call in message.tool_calls:
        args = GetWeather.model_validate_json(call.function.arguments)
        result = {"role": "tool", "tool_call_id": call.id, "content": get_weather(args)}
        messages.append(result)
print(message.content)
