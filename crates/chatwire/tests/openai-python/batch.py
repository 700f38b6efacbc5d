# Many requests, eight at a time, with a progress bar.
import asyncio

from openai import AsyncOpenAI
from tqdm.asyncio import tqdm

client = AsyncOpenAI()
limit = asyncio.Semaphore(8)


async def ask(number: int) -> str:
    async with limit:
        completion = await client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": f"Say the number {number}"}],
        )
    return completion.choices[0].message.content


async def main():
    answers = await tqdm.gather(*(ask(number) for number in range(100)))
    print("\n".join(answers))


asyncio.run(main())
